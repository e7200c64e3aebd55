//! Cookies (RFC 6265).

use http::HeaderMap;
use http::header::COOKIE;

/// The session of a browser, by Harbor's name.
pub(crate) const SESSION: &str = "sid";
/// What ties a sign-in at the provider to the browser that began it.
pub(crate) const LOGIN: &str = "berth_oidc_login";
/// What ties the question for a name to the browser that signed in.
pub(crate) const ONBOARD: &str = "berth_oidc_onboard";

/// A cookie's value. Of several with the same name, the first: browsers send the one with the longest path first.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// A cookie that no script reads and that other sites' forms and pictures do not bring along.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting<'a> {
    pub(crate) name: &'a str,
    pub(crate) path: &'a str,
    /// Whether people reach the registry over TLS alone.
    pub(crate) is_secure: bool,
}

impl Setting<'_> {
    /// Sets it for so long. `value` must be plain text without separators.
    pub(crate) fn set(self, value: &str, ttl_secs: u64) -> String {
        let Self { name, path, is_secure } = self;
        let secure = if is_secure { "; Secure" } else { "" };
        format!("{name}={value}; Path={path}; Max-Age={ttl_secs}; HttpOnly; SameSite=Lax{secure}")
    }

    /// Takes it away.
    pub(crate) fn clear(self) -> String {
        self.set("", 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        for line in ["a=1; sid=x=y;b=2", "xsid=no;sid=second"] {
            headers.append(COOKIE, line.parse().unwrap());
        }
        assert_eq!(cookie(&headers, SESSION), Some("x=y"));
        assert_eq!(cookie(&headers, "b"), Some("2"));
        assert_eq!(cookie(&headers, "si"), None);
    }

    #[test]
    fn what_a_cookie_is_set_with() {
        let setting = |is_secure| Setting { name: SESSION, path: "/", is_secure };
        assert_eq!(setting(true).set("v", 9), "sid=v; Path=/; Max-Age=9; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(setting(false).clear(), "sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }
}
