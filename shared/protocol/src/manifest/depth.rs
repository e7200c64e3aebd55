/// Whether objects and arrays nest deeper than `limit` in a JSON text. Needs no stack; on a text that is no
/// JSON the answer means nothing, and the JSON reader refuses it.
pub(super) fn exceeds(json: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_string => is_escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}
