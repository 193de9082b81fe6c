//! The one client: a deadline for every request, a limit for every answer, secrets that go to the configured host and nowhere else.
//!
//! Redirects are not followed: a key must never travel to another host, and a query backend that redirects is misconfigured. It must not
//! know what is asked.

mod date;
mod failure;
mod login;
pub mod path;

use super::clean;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use date::date;
pub use date::slowed;
use failure::reason;
pub use login::{Key, Login};
pub use path::segment;
use reqwest::header::{self, HeaderMap, HeaderValue};
use std::fmt;
use std::time::Duration;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest answer that is read, in bytes, after decompression.
const LARGEST: usize = 64 << 20;
/// What is shown of an answer that cannot be read, in characters.
const SHOWN: usize = 160;

/// What is asked.
pub enum Body {
    /// `GET`.
    Nothing,
    /// `POST` of a form.
    Form(Vec<(&'static str, String)>),
    /// `POST` of JSON.
    Json(serde_json::Value),
    /// `POST` of a text, with pairs in the address.
    Text {
        /// The text.
        text: String,
        /// Names and values.
        pairs: Vec<(String, String)>,
    },
    /// Another method, or a content of another type; nothing is sent with it where there is none.
    Other {
        /// How.
        method: Method,
        /// The type of the content.
        kind: &'static str,
        /// The content.
        content: String,
    },
}

/// What is asked of what stands at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Do something with it.
    Post,
    /// Change parts of it.
    Patch,
    /// Replace it.
    Put,
    /// Remove it.
    Delete,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Its header lines.
    headers: HeaderMap,
    /// Its body, decompressed.
    pub body: Vec<u8>,
}

/// What is at stake when something is asked: sentences that follow what happened.
#[derive(Clone, Copy, Debug)]
pub struct Stakes {
    /// It may change something: what was sent and not answered may have happened.
    pub acts: bool,
    /// What is true after a no.
    pub no: &'static str,
    /// What is true when nobody answered.
    pub stale: &'static str,
    /// What comes then, without its full stop.
    pub again: &'static str,
}

impl Stakes {
    /// A question about counts, asked again and again.
    pub const COUNTS: Stakes = Stakes {
        acts: false,
        no: "Nothing was counted.",
        stale: "What is shown grows old.",
        again: "It is asked again",
    };
}

/// A client of one host.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    /// Who is asked, for words: its name and its address.
    who: String,
    base: String,
    headers: HeaderMap,
    login: Login,
    stakes: Stakes,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("who", &self.who).finish_non_exhaustive()
    }
}

impl Http {
    /// A client of the host at `base`, an address without a slash at its end.
    ///
    /// # Errors
    /// The machine's certificates cannot be read, or the login cannot stand in a header.
    pub fn new(name: &str, base: &str, login: Login, extra: &[(&'static str, String)]) -> Result<Http, Trouble> {
        let who = clean::clean(&format!("{name} ({base})"), SHOWN).into_owned();
        let mut headers = HeaderMap::new();
        headers
            .insert(header::USER_AGENT, HeaderValue::from_static(concat!("quarterdeck/", env!("CARGO_PKG_VERSION"))));
        let unfit = || Trouble::Denied(format!("The login of {who} cannot be sent. Nothing was asked. Correct it."));
        if let Some((name, key)) = login.header() {
            let mut value = HeaderValue::from_str(&key.0).map_err(|_| unfit())?;
            value.set_sensitive(true);
            headers.insert(header::HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?, value);
        }
        for (name, value) in extra {
            headers.insert(*name, HeaderValue::from_str(value).map_err(|_| unfit())?);
        }
        // a second one changes nothing: every client uses the same
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|e| {
                Trouble::Unreachable(format!(
                    "No connection can be made to {who}: {}. Nothing was asked. See quarterdeck doctor.",
                    reason(&e)
                ))
            })?;
        Ok(Http { client, who, base: base.to_owned(), headers, login, stakes: Stakes::COUNTS })
    }

    /// The same with something else at stake.
    #[must_use]
    pub fn staking(self, stakes: Stakes) -> Http {
        Http { stakes, ..self }
    }

    /// The same with another header line in every request.
    #[must_use]
    pub fn saying(mut self, name: &'static str, value: &'static str) -> Http {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// Who is asked, for words.
    #[must_use]
    pub fn who(&self) -> &str {
        &self.who
    }

    /// Where it is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Asks once. Every status is an answer, except a redirect where nothing was to be changed: what was may have been, whatever they lead on to.
    ///
    /// # Errors
    /// Nobody answered within the deadline, the connection broke, the answer is too long, or it leads elsewhere. Where it acts, what was
    /// sent and not answered is [`Trouble::Unsure`].
    pub async fn ask(&self, path: &str, body: Body, deadline: Duration) -> Result<Reply, Trouble> {
        let who = &self.who;
        match tokio::time::timeout(deadline, self.exchange(path, body)).await {
            Ok(answer) => answer,
            Err(_) => Err(self.unanswered(format!("{who} did not answer within {} s", deadline.as_secs()))),
        }
    }

    /// Nobody answered: where it acts, it may have happened.
    fn unanswered(&self, happened: String) -> Trouble {
        let Stakes { acts, stale, again, .. } = self.stakes;
        let words = format!("{happened}. {stale} {again}.");
        if acts { Trouble::Unsure(words) } else { Trouble::Unreachable(words) }
    }

    async fn exchange(&self, path: &str, body: Body) -> Result<Reply, Trouble> {
        let who = &self.who;
        let mut url = format!("{}{path}", self.base);
        if let Body::Text { pairs, .. } = &body {
            // an address that cannot be read is refused by the client, in its words
            url = reqwest::Url::parse_with_params(&url, pairs).map_or(url, String::from);
        }
        let request = match body {
            Body::Nothing => self.client.get(url),
            Body::Form(pairs) => self.client.post(url).form(&pairs),
            Body::Text { text, .. } => self.client.post(url).body(text),
            Body::Json(value) => {
                self.client.post(url).header(header::CONTENT_TYPE, "application/json").body(value.to_string())
            }
            Body::Other { method, kind, content } => {
                let request = match method {
                    Method::Post => self.client.post(url),
                    Method::Patch => self.client.patch(url),
                    Method::Put => self.client.put(url),
                    Method::Delete => self.client.delete(url),
                };
                if content.is_empty() { request } else { request.header(header::CONTENT_TYPE, kind).body(content) }
            }
        };
        let request = match &self.login {
            Login::Nobody | Login::Header(..) => request,
            Login::Bearer(key) => request.bearer_auth(&key.0),
            Login::Basic(user, key) => request.basic_auth(user, Some(&key.0)),
        };
        let broken = |e: reqwest::Error| {
            let why = reason(&e);
            let what = if e.is_decode() || e.is_body() { "did not answer whole" } else { "cannot be reached" };
            // nothing was sent before there was a connection
            if e.is_connect() && self.stakes.acts {
                let no = self.stakes.no;
                return Trouble::Unreachable(format!("{who} {what}: {why}. {no} See quarterdeck doctor."));
            }
            self.unanswered(format!("{who} {what}: {why}"))
        };
        let mut answer = request.headers(self.headers.clone()).send().await.map_err(broken)?;
        let (status, headers) = (answer.status().as_u16(), std::mem::take(answer.headers_mut()));
        if (300..400).contains(&status) && !self.stakes.acts {
            let to = led_to(&headers);
            return Err(Trouble::Refused(format!(
                "{who} leads on to {to}. Nothing was asked there: a key stays with its host. Configure the final address."
            )));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(broken)? {
            if bytes.len() + chunk.len() > LARGEST {
                let happened = format!("{who} answered more than {} MiB", LARGEST >> 20);
                return Err(match self.stakes.acts {
                    true => self.unanswered(happened),
                    false => Trouble::Garbled(format!("{happened}. It was not read. Ask for less.")),
                });
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body: bytes })
    }

    /// What a status means that is the same everywhere; `said` is what the body says, cleaned. Fine is what is below 300.
    ///
    /// # Errors
    /// Everything else, as the trouble it is.
    pub fn judged(
        &self,
        reply: Reply,
        said: impl FnOnce(&Reply) -> Option<String>,
        now: Time,
    ) -> Result<Reply, Trouble> {
        let Stakes { acts, no, stale, again } = self.stakes;
        let who = &self.who;
        let words = |reply: &Reply| {
            let words = said(reply).or(reply.challenge()).or(reply.error()).unwrap_or_else(|| reply.beginning());
            words.trim_end_matches('.').to_owned()
        };
        // an act that they could not take may have happened all the same
        let is_later = reply.status == 503 && !acts && reply.header("retry-after").is_some();
        match reply.status {
            0..300 => Ok(reply),
            300..=399 | 408 if acts => Err(self.unanswered(format!("{who} {}", reply.answered()))),
            401 => Err(Trouble::Denied(format!(
                "{who} does not know us (401): {}. {no} Check the configured login, and whether it belongs to this address.",
                words(&reply)
            ))),
            403 => Err(Trouble::Denied(format!(
                "{who} does not let us (403): {}. {no} Ask for the permission, or use another login.",
                words(&reply)
            ))),
            status if status == 429 || is_later => {
                // a date is meant by their clock, which need not be ours
                let theirs = reply.clock().unwrap_or(now);
                let until = slowed(reply.reset().or(reply.header("retry-after")), theirs, now);
                let next = match acts {
                    true => format!("{no} It is not sent again."),
                    false => format!("{stale} {again} at {}.", until.clock()),
                };
                let said = words(&reply);
                let asks = if status == 429 { "slow down" } else { "come again later" };
                Err(Trouble::Slowed(until, format!("{who} asks us to {asks} ({status}): {said}. {next}")))
            }
            500.. => Err(self.unanswered(format!("{who} failed ({}): {}", reply.status, words(&reply)))),
            // nothing is wrong with the request: they cannot take it as they are, or nobody there has agreed to it
            status @ (405 | 409 | 422) if acts => Err(Trouble::Refused(format!(
                "{who} did not take it ({status}): {}. {no} It may not fit the state they are in, or need somebody's approval there. Look there, then decide anew.",
                words(&reply)
            ))),
            status => Err(Trouble::Refused(format!(
                "{who} refused the question ({status}): {}. {no} Correct it in the configuration.",
                words(&reply)
            ))),
        }
    }
}

impl Reply {
    /// A header line, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What was answered instead of a yes, as part of a sentence: `answered 409`, `leads on to /share (303)`.
    #[must_use]
    pub fn answered(&self) -> String {
        match self.status {
            300..400 => format!("leads on to {} ({}), and nothing was asked there", led_to(&self.headers), self.status),
            status => format!("answered {status}: {}", self.error().unwrap_or_else(|| self.beginning())),
        }
    }

    /// In how many seconds there is room again: `RateLimit: limit=10, remaining=0, reset=54` (the draft that Honeycomb follows).
    fn reset(&self) -> Option<&str> {
        let parts = self.header("ratelimit")?.split([',', ';']);
        let reset = parts.filter_map(|part| part.trim().strip_prefix("reset=")).next_back()?.trim();
        // one that is past says nothing
        reset.parse::<u32>().is_ok_and(|seconds| seconds > 0).then_some(reset)
    }

    /// What their clock said when they answered, in whole seconds (RFC 9110, 6.6.1).
    #[must_use]
    pub fn clock(&self) -> Option<Time> {
        date(self.header("date")?)
    }

    /// What is wrong with a token, as the challenge to it says (RFC 6750, 3).
    fn challenge(&self) -> Option<String> {
        let (_, described) = self.header("www-authenticate")?.split_once("error_description=\"")?;
        let words = clean::clean(described.split('"').next()?, SHOWN).into_owned();
        Some(words).filter(|words| !words.is_empty())
    }

    /// What gateways of every kind write when they refuse: JSON with a text under `error` or `message`.
    fn error(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        let text = ["error", "message"].into_iter().find_map(|key| body.get(key)?.as_str())?;
        Some(clean::clean(text.trim(), SHOWN).into_owned()).filter(|words| !words.is_empty())
    }

    /// The beginning of the body as one harmless line, for words about an answer that cannot be read.
    #[must_use]
    pub fn beginning(&self) -> String {
        let begins = self.body.get(..self.body.len().min(4 * SHOWN)).unwrap_or_default();
        let text = clean::from_bytes(begins, SHOWN);
        let text = text.trim();
        if text.is_empty() { "it says nothing more".into() } else { format!("\"{text}\"") }
    }

    /// Why it cannot be read, with how it begins where that is no JSON at all: a page to log in at, most often.
    #[must_use]
    pub fn shown(&self, why: &str) -> String {
        let is_json = self.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        if is_json { why.to_owned() } else { format!("{why} (the answer: {})", self.beginning()) }
    }
}

/// Where a redirect leads on to, without what stands behind a question mark.
fn led_to(headers: &HeaderMap) -> String {
    let to = headers.get(header::LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("somewhere");
    clean::clean(to.split('?').next().unwrap_or_default(), 80).into_owned()
}

/// Waits.
pub async fn pause(length: Duration) {
    tokio::time::sleep(length).await;
}

/// What comes within this time; none when nothing does.
pub async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, future).await.ok()
}

#[cfg(test)]
mod tests;
