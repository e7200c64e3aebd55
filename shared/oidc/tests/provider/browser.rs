//! Something that behaves as a browser does: keeps cookies, goes where it is sent, fills in forms.

use std::collections::BTreeMap;

use berth_outbound::{Call, Outbound};
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

const MAX_STEPS: usize = 20;

pub(crate) struct Browser {
    outbound: Outbound,
    cookies: BTreeMap<String, String>,
}

/// Where it has arrived.
enum Arrived {
    Page {
        url: String,
        body: String,
    },
    /// At an address that it was not to go to.
    Stopped(String),
}

impl Browser {
    pub(crate) fn new(outbound: Outbound) -> Self {
        Self { outbound, cookies: BTreeMap::new() }
    }

    /// The page at an address.
    pub(crate) async fn get(&mut self, url: &str) -> String {
        match self.go(Call::get(url), url, "nowhere").await {
            Arrived::Page { body, .. } => body,
            Arrived::Stopped(url) => panic!("stopped at {url}"),
        }
    }

    /// Signs in and agrees, and answers where it would come back to.
    pub(crate) async fn sign_in(&mut self, url: &str, name: &str, back: &str) -> String {
        let mut arrived = self.go(Call::get(url), url, back).await;
        for form in [format!("prompt=login&login={name}&password=any"), "prompt=consent".to_owned()] {
            let Arrived::Page { url, body } = arrived else { panic!("back too early") };
            let (_, after) =
                body.split_once("action=\"").unwrap_or_else(|| panic!("no form at {url}: {body}"));
            let action = absolute(&url, after.split('"').next().expect("an address"));
            let media_type = HeaderValue::from_static("application/x-www-form-urlencoded");
            let call = Call::post(action.as_str(), form).header(CONTENT_TYPE, media_type);
            arrived = self.go(call, &action, back).await;
        }
        match arrived {
            Arrived::Stopped(url) => url,
            Arrived::Page { url, body } => panic!("left at {url}: {body}"),
        }
    }

    async fn go(&mut self, call: Call, url: &str, stop_at: &str) -> Arrived {
        let (mut call, mut url) = (call, url.to_owned());
        for _ in 0..MAX_STEPS {
            let held: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let held = HeaderValue::try_from(held.join("; ")).expect("cookies are text");
            let answer = self.outbound.send(call.header(COOKIE, held)).await.expect("an answer");
            self.keep(&answer.headers);
            let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let Some(location) = location.filter(|_| answer.status.is_redirection()) else {
                return Arrived::Page { url, body: String::from_utf8_lossy(&answer.body).into_owned() };
            };
            url = absolute(&url, location);
            if url.starts_with(stop_at) {
                return Arrived::Stopped(url);
            }
            call = Call::get(url.as_str());
        }
        panic!("sent from page to page: {url}");
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(SET_COOKIE).iter().filter_map(|line| line.to_str().ok()) {
            let Some((name, rest)) = line.split_once('=') else { continue };
            let value = rest.split(';').next().unwrap_or_default();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn absolute(base: &str, location: &str) -> String {
    let base = berth_outbound::Url::parse(base).expect("a URL");
    base.join(location).expect("an address").into()
}
