//! Tables in documents that tests measure.

use std::fs;

use crate::repository_root;

/// Panics unless `table` is what stands between the marks `<!-- name -->` and `<!-- end of name -->` of a document. With
/// `BERTH_WRITE_DOCS` set it is written there instead.
pub fn compare_with_document(document: &str, name: &str, table: &str) {
    let path = repository_root().join(document);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{document}: {error}"));
    let mark = format!("<!-- {name} -->");
    let begin = text.find(&mark).unwrap_or_else(|| panic!("{document} has no {mark}")) + mark.len();
    let end = text.find(&format!("<!-- end of {name} -->")).unwrap_or_else(|| panic!("{mark} has no end"));
    let measured = format!("\n\n{table}\n");
    if std::env::var_os("BERTH_WRITE_DOCS").is_some() {
        let text = format!("{}{measured}{}", &text[..begin], &text[end..]);
        fs::write(&path, text).expect("the repository is writable");
    } else {
        assert_eq!(&text[begin..end], measured, "{document} differs; set BERTH_WRITE_DOCS=1 to rewrite it");
    }
}
