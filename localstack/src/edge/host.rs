//! The Rust half of the functions' runtime; `runtime.js` is the other half.

#![expect(clippy::needless_pass_by_value, reason = "what JavaScript passes arrives by value")]

use super::engine::KeyValues;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use base64::{Engine as _, alphabet, engine};
use hmac::{Hmac, KeyInit as _, Mac as _};
use rquickjs::{Ctx, Exception, FromJs, Function, Object, Result, Value};
use sha2::Sha256;
use std::fmt::Write as _;
use std::sync::Arc;

/// Base64 of either padding, as Node and `CloudFront` read it.
const LENIENT: engine::GeneralPurposeConfig =
    engine::GeneralPurposeConfig::new().with_decode_padding_mode(engine::DecodePaddingMode::Indifferent);
const BASE64: engine::GeneralPurpose = engine::GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BASE64_URL: engine::GeneralPurpose = engine::GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Puts the object `host` among the globals, where `runtime.js` takes it from.
pub(super) fn install(ctx: &Ctx<'_>, values: Arc<KeyValues>) -> Result<()> {
    let host = Object::new(ctx.clone())?;
    host.set("value", Function::new(ctx.clone(), move |key: String| values.get(&key).cloned())?)?;
    host.set("encode", Function::new(ctx.clone(), encode)?)?;
    host.set("decode", Function::new(ctx.clone(), decode)?)?;
    host.set("hmac", Function::new(ctx.clone(), hmac)?)?;
    ctx.globals().set("host", host)
}

fn encode(ctx: Ctx<'_>, bytes: Vec<u8>, encoding: String) -> Result<String> {
    match encoding.as_str() {
        "utf8" => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        "hex" => Ok(to_hex(&bytes)),
        "base64" => Ok(STANDARD.encode(bytes)),
        "base64url" => Ok(URL_SAFE_NO_PAD.encode(bytes)),
        _ => Err(unknown(&ctx, "encoding", &encoding)),
    }
}

fn decode(ctx: Ctx<'_>, text: String, encoding: String) -> Result<Vec<u8>> {
    let bytes = match encoding.as_str() {
        "utf8" => Some(text.into_bytes()),
        "hex" => from_hex(&text),
        "base64" => BASE64.decode(&text).ok(),
        "base64url" => BASE64_URL.decode(&text).ok(),
        _ => return Err(unknown(&ctx, "encoding", &encoding)),
    };
    bytes.ok_or_else(|| Exception::throw_type(&ctx, &format!("text is not {encoding}")))
}

fn hmac(
    ctx: Ctx<'_>,
    algorithm: String,
    key: TextOrBytes,
    chunks: Vec<TextOrBytes>,
    encoding: String,
) -> Result<String> {
    if algorithm != "sha256" {
        return Err(unknown(&ctx, "algorithm", &algorithm));
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes a key of any length");
    for chunk in chunks {
        mac.update(&chunk.0);
    }
    encode(ctx, mac.finalize().into_bytes().to_vec(), encoding)
}

/// Bytes that arrive as an array or as a text, which stands for its UTF-8 form.
struct TextOrBytes(Vec<u8>);

impl<'js> FromJs<'js> for TextOrBytes {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        if value.is_string() {
            return String::from_js(ctx, value).map(|text| Self(text.into_bytes()));
        }
        Vec::from_js(ctx, value).map(Self)
    }
}

fn unknown(ctx: &Ctx<'_>, kind: &str, name: &str) -> rquickjs::Error {
    Exception::throw_type(ctx, &format!("unknown {kind} '{name}'"))
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        hex
    })
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let byte = |[high, low]: &[u32; 2]| u8::try_from(high * 16 + low).ok();
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}
