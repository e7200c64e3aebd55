//! Input: three lines, method, path and query. A request that is read must be built to a URL that reads back as itself.

#![no_main]

use http::Method;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut lines = input.splitn(3, '\n');
    let method =
        lines.next().and_then(|line| Method::from_bytes(line.as_bytes()).ok()).unwrap_or(Method::GET);
    let path = lines.next().unwrap_or_default();
    let Ok(request) = berth_protocol::parse(&method, path, lines.next()) else { return };

    let url = request.url();
    let (path, query) = url.split_once('?').map_or((url.as_str(), None), |(path, query)| (path, Some(query)));
    assert_eq!(berth_protocol::parse(&method, path, query), Ok(request));
});
