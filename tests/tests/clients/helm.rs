//! helm, which pushes charts through oras-go.

use std::fs;
use std::path::{Path, PathBuf};

use berth_tests::{Berth, Mode, SeededBytes, Tool, in_all_modes};

use crate::place::Place;

in_all_modes!(small_chart, large_chart);

fn small_chart(mode: Mode) {
    push_and_pull(mode, "small", 1);
}

/// Helm reads a chart before it pushes it and takes no file above 5 MiB and no chart above 100 MiB, so this, not
/// 300 MB, is as large as a chart gets.
fn large_chart(mode: Mode) {
    push_and_pull(mode, "large", 20);
}

fn push_and_pull(mode: Mode, name: &str, files: u32) {
    let Some(helm) = Tool::find("helm") else { return };
    let place = Place::new(Berth::shared(mode));
    let source = write_chart(&place, name, &format!("helm {mode}"), files);
    let packages = place.empty_folder();
    place.run(&helm).arg("package").arg(&source).arg("--destination").arg(&packages).succeeds();
    let package = packages.join(format!("{name}-1.2.3.tgz"));
    let charts = format!("oci://{}", place.repository("helm/charts"));
    place.run(&helm).args(["push", "--plain-http"]).arg(&package).arg(&charts).succeeds();

    let chart = format!("{charts}/{name}");
    let digest = place.berth.manifest_digest(&format!("helm/charts/{name}"), "1.2.3");
    let by_tag = pull(&helm, &place, &[&chart, "--version", "1.2.3"]);
    let by_digest = pull(&helm, &place, &[&format!("{chart}@{digest}")]);
    let sent = fs::read(&package).expect("helm has written the package");
    for folder in [by_tag, by_digest] {
        let received = only_file(&folder);
        assert!(fs::read(&received).is_ok_and(|bytes| bytes == sent), "{} differs", received.display());
    }
    let shown =
        place.run(&helm).args(["show", "chart", "--plain-http", &chart, "--version", "1.2.3"]).succeeds();
    assert!(shown.contains(&format!("name: {name}")), "{shown}");
}

fn pull(helm: &Tool, place: &Place<'_>, what: &[&str]) -> PathBuf {
    let folder = place.empty_folder();
    place.run(helm).args(["pull", "--plain-http"]).args(what).arg("--destination").arg(&folder).succeeds();
    folder
}

fn write_chart(place: &Place<'_>, name: &str, seed: &str, files: u32) -> PathBuf {
    let folder = place.empty_folder().join(name);
    fs::create_dir(&folder).expect("the folder is writable");
    let chart = format!("apiVersion: v2\nname: {name}\nversion: 1.2.3\n");
    fs::write(folder.join("Chart.yaml"), chart).expect("the folder is writable");
    for number in 0..files {
        let content = SeededBytes::take_vec(&format!("{seed} {number}"), 4_000_000);
        fs::write(folder.join(format!("{number}.bin")), content).expect("the folder is writable");
    }
    folder
}

fn only_file(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder).expect("the folder is there").flatten();
    files.next().expect("helm has written a file").path()
}
