//! Passwords: read, asked for, generated. Never taken from the arguments, which everybody on the machine can see.

use std::io::{self, IsTerminal, Read};

use crate::error::Error;

/// 24 letters and digits are 142 bits.
const GENERATED_CHARS: usize = 24;
/// Without the letters and digits that look alike.
const ALPHABET: &[u8; 57] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/// All of standard input, without line breaks at its end.
pub(crate) fn from_stdin() -> io::Result<String> {
    let mut password = String::new();
    io::stdin().read_to_string(&mut password)?;
    password.truncate(password.trim_end_matches(['\n', '\r']).len());
    Ok(password)
}

/// Whether somebody can be asked.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal()
}

/// Asks for a password, which is not shown while it is typed. An empty one is a mistake.
pub(crate) fn ask(prompt: &str) -> Result<String, Error> {
    let password =
        rpassword::prompt_password(prompt).map_err(Error::machine("cannot read from the terminal"))?;
    not_empty(password)
}

/// A password that somebody chooses: from standard input, or typed twice.
pub(crate) fn choose() -> Result<String, Error> {
    if !can_ask() {
        return not_empty(from_stdin().map_err(Error::machine("cannot read the password"))?);
    }
    let password = ask("New password: ")?;
    if ask("Again: ")? == password {
        Ok(password)
    } else {
        Err(Error::Usage("the two passwords differ".to_owned()))
    }
}

pub(crate) fn not_empty(password: String) -> Result<String, Error> {
    if password.is_empty() { Err(Error::Usage("the password is empty".to_owned())) } else { Ok(password) }
}

/// A new password of letters of both kinds and digits.
pub(crate) fn generate() -> Result<String, Error> {
    loop {
        let password = attempt()?;
        let has = |is: fn(&u8) -> bool| password.as_bytes().iter().any(is);
        if has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit) {
            return Ok(password);
        }
    }
}

fn attempt() -> Result<String, Error> {
    let mut password = String::with_capacity(GENERATED_CHARS);
    let mut bytes = [0; 64];
    while password.len() < GENERATED_CHARS {
        fill(&mut bytes)?;
        // Bytes that would make some characters likelier than others are left out.
        let fair = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < 4 * ALPHABET.len());
        let more = fair.map(|byte| char::from(ALPHABET[byte % ALPHABET.len()]));
        password.extend(more.take(GENERATED_CHARS - password.len()));
    }
    Ok(password)
}

#[expect(clippy::disallowed_methods, reason = "a program at the edge of the system has the real source only")]
fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::machine("no randomness")(io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn generated_passwords_are_long_mixed_and_never_the_same() {
        let passwords: Vec<String> = (0..200).map(|_| generate().unwrap()).collect();
        for password in &passwords {
            assert_eq!(password.len(), GENERATED_CHARS);
            assert!(password.bytes().all(|byte| ALPHABET.contains(&byte)), "{password}");
            for is in [char::is_uppercase as fn(char) -> bool, char::is_lowercase, char::is_numeric] {
                assert!(password.contains(is), "{password}");
            }
        }
        assert_eq!(passwords.iter().collect::<HashSet<_>>().len(), passwords.len());
        let used: HashSet<u8> = passwords.iter().flat_map(|password| password.bytes()).collect();
        assert_eq!(used.len(), ALPHABET.len());
    }
}
