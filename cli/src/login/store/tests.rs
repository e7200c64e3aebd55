use std::os::unix::fs::{PermissionsExt, symlink};

use tempfile::TempDir;

use super::*;

/// Keeps one entry beside itself.
const HELPER: &str = r#"#!/bin/sh
case "$1" in
store) cat > "$0.kept" ;;
get) cat "$0.kept" ;;
erase) test "$(cat)" = r.test && rm "$0.kept" 2>/dev/null || { echo "credentials not found in native keychain"; exit 1; } ;;
esac
"#;

fn store(folder: &TempDir) -> Store {
    Store { config: folder.path().join("docker/config.json"), helpers: Some(folder.path().to_owned()) }
}

fn write(store: &Store, text: &str) {
    fs::create_dir_all(store.config.parent().unwrap()).unwrap();
    fs::write(&store.config, text).unwrap();
}

fn read(store: &Store) -> Value {
    serde_json::from_slice(&fs::read(&store.config).unwrap()).unwrap()
}

fn host(text: &str) -> Host {
    Host::parse(text).unwrap()
}

fn ann() -> Credentials {
    Credentials::of("ann".to_owned(), "a:b".to_owned())
}

#[tokio::test]
async fn a_missing_file_is_made_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let place = store.put(&host("r.test:5000"), &ann()).await.unwrap();
    assert_eq!(place, Place::File(store.config.clone()));
    assert_eq!(read(&store), json!({ "auths": { "r.test:5000": { "auth": "YW5uOmE6Yg==" } } }));
    assert_eq!(fs::metadata(&store.config).unwrap().permissions().mode() & 0o777, 0o600);
    let files = fs::read_dir(store.config.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "nothing else is left");
}

#[tokio::test]
async fn everything_else_in_the_file_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    write(
        &store,
        r#"{"auths":{"r.test":{"auth":"b2xkOm9sZA==","identitytoken":"old","email":"a@b.test"},"other.test":{"auth":"eDp5"},
            "r.test/team":{"auth":"eDp6"}},"HttpHeaders":{"a":"b"},"credHelpers":{"third.test":"absent"},"psFormat":[1,2.5]}"#,
    );
    fs::set_permissions(&store.config, fs::Permissions::from_mode(0o644)).unwrap();
    store.put(&host("r.test"), &ann()).await.unwrap();
    let mut expected = json!({
        "auths": {
            "r.test": { "auth": "YW5uOmE6Yg==", "email": "a@b.test" },
            "other.test": { "auth": "eDp5" },
            "r.test/team": { "auth": "eDp6" },
        },
        "HttpHeaders": { "a": "b" }, "credHelpers": { "third.test": "absent" }, "psFormat": [1, 2.5],
    });
    assert_eq!(read(&store), expected);
    assert_eq!(fs::metadata(&store.config).unwrap().permissions().mode() & 0o777, 0o600);

    assert!(store.remove(&host("r.test")).await.unwrap());
    expected["auths"].as_object_mut().unwrap().remove("r.test");
    assert_eq!(read(&store), expected);
    assert!(!store.remove(&host("r.test")).await.unwrap());
}

#[tokio::test]
async fn all_forms_of_a_host_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    assert!(!store.remove(&host("r.test")).await.unwrap());
    assert!(!store.config.exists(), "there was nothing to write");
    write(
        &store,
        r#"{"auths":{"https://r.test/v1/":{},"R.test":{},"r.test:443":{},"https://r.test.evil":{}}}"#,
    );
    assert!(store.remove(&host("r.test")).await.unwrap());
    assert_eq!(read(&store), json!({ "auths": { "r.test:443": {}, "https://r.test.evil": {} } }));
}

#[tokio::test]
async fn a_file_that_is_not_understood_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    for text in
        ["", "{", "[]", r#"{"auths":[]}"#, r#"{"auths":{},"credsStore":7}"#, r#"{"credsStore":"../x"}"#]
    {
        write(&store, text);
        assert!(store.put(&host("r.test"), &ann()).await.is_err(), "{text}");
        assert_eq!(fs::read_to_string(&store.config).unwrap(), text);
    }
}

#[tokio::test]
async fn a_file_that_is_a_link_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let real = folder.path().join("real.json");
    fs::write(&real, "{}").unwrap();
    fs::create_dir(store.config.parent().unwrap()).unwrap();
    symlink(&real, &store.config).unwrap();
    store.put(&host("r.test"), &ann()).await.unwrap();
    assert!(fs::symlink_metadata(&store.config).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("YW5uOmE6Yg=="));
}

/// The only test here that starts programs, so that none inherits a script that another is still writing.
#[tokio::test]
async fn a_helper_keeps_what_the_file_then_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let program = folder.path().join("docker-credential-fake");
    fs::write(&program, HELPER).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let config = r#"{"credHelpers":{"r.test":"fake"},"auths":{"r.test":{"auth":"b2xkOm9sZA=="}},"x":1}"#;
    write(&store, config);

    let place = store.put(&host("r.test"), &ann()).await.unwrap();
    assert_eq!(place, Place::Helper("docker-credential-fake".to_owned()));
    let kept = fs::read(folder.path().join("docker-credential-fake.kept")).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept, json!({ "ServerURL": "r.test", "Username": "ann", "Secret": "a:b" }));
    assert_eq!(
        read(&store),
        json!({ "credHelpers": { "r.test": "fake" }, "auths": { "r.test": {} }, "x": 1 })
    );
    let other = store.put(&host("other.test"), &ann()).await.unwrap();
    assert_eq!(other, Place::File(store.config.clone()));

    assert!(store.remove(&host("r.test")).await.unwrap());
    assert!(!folder.path().join("docker-credential-fake.kept").exists());
    assert!(!store.remove(&host("r.test")).await.unwrap());

    fs::write(&program, "#!/bin/sh\necho locked; exit 1\n").unwrap();
    for error in [store.put(&host("r.test"), &ann()).await.err(), store.remove(&host("r.test")).await.err()] {
        let error = error.expect("a helper that fails").to_string();
        assert!(error.contains("docker-credential-fake: locked") && !error.contains("a:b"), "{error}");
    }
}
