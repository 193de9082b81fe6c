//! What there is where queries do not reach: the history of its SLO, and the query in the browser, where events are seen as long as they are kept. No run
//! is begun for it. It must not know how it is said.

use super::super::Instead;
use super::spec::When;
use super::wire::ADDRESS;
use super::{Honeycomb, segment};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::series::{DAY, SECOND};
use crate::query::window::Stretch;
use serde_json::Value;

impl Honeycomb {
    /// What is known otherwise of a time that queries do not reach: its history from a day before on.
    ///
    /// # Errors
    /// Nobody answered in time, or they do not know us, or what is to be counted cannot be asked.
    pub async fn instead(&mut self, stretch: Stretch, now: Time) -> Result<Instead, Trouble> {
        self.begin(now).await?;
        let history = self.history(Stretch { from: stretch.from - DAY, ..stretch }, now).await;
        let (Some(owner), Some(spec)) = (&self.owner, &self.spec) else { return Ok(Instead::default()) };
        let (team, environment) = (owner.team.as_str(), owner.environment.as_deref());
        let mut query = spec.query(When::Between(stretch.from / SECOND, stretch.to / SECOND), 0);
        // as wide as their chart is
        if let Some(members) = query.as_object_mut() {
            members.remove("granularity");
        }
        let of = environment.map_or(String::new(), |environment| format!(" in environment {environment}"));
        let dataset = match self.count.dataset.as_str() {
            "__all__" => "all datasets".to_owned(),
            dataset => format!("dataset {dataset}"),
        };
        let link = link(self.http.base(), (team, environment), &self.count.dataset, &query);
        Ok(Instead { history, link, place: Some(format!("{dataset}{of} of team {team}")) })
    }
}

/// Where a query is run in the browser (reference: its documentation of query template links); none where nobody knows where its pages are, because it is
/// asked through somebody else.
fn link(base: &str, (team, environment): (&str, Option<&str>), dataset: &str, query: &Value) -> Option<String> {
    let region = base.strip_prefix("https://api.")?.trim_end_matches('/');
    let is_theirs = region == "honeycomb.io" || region.ends_with(".honeycomb.io") && !region.contains('/');
    if !is_theirs {
        return None;
    }
    let environment = environment.map(|environment| format!("/environments/{}", segment(environment)));
    let dataset = (dataset != "__all__").then(|| format!("/datasets/{}", segment(dataset)));
    let place = [environment, dataset].into_iter().flatten().collect::<String>();
    let link = format!("https://ui.{region}/{}{place}?query={}", segment(team), segment(&query.to_string()));
    // one that was cut would lead elsewhere
    (link.len() <= ADDRESS).then_some(link)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn given_a_query_when_it_is_to_be_seen_in_the_browser_then_its_address_is_made_of_whose_key_it_is() {
        let query = json!({"end_time": 7});
        let of = |base, environment, dataset| link(base, ("acme", environment), dataset, &query).unwrap_or_default();
        let us = "https://api.honeycomb.io";
        let asked = "?query=%7B%22end_time%22%3A7%7D";
        assert_eq!(
            of(us, Some("prod"), "my api"),
            format!("https://ui.honeycomb.io/acme/environments/prod/datasets/my%20api{asked}")
        );
        assert_eq!(
            of("https://api.eu1.honeycomb.io/", Some("prod"), "__all__"),
            format!("https://ui.eu1.honeycomb.io/acme/environments/prod{asked}")
        );
        assert_eq!(of(us, None, "api"), format!("https://ui.honeycomb.io/acme/datasets/api{asked}"));
        for base in [
            "https://honeycomb.example.org",
            "https://api.example.org",
            "http://127.0.0.1:9",
            "https://api.x.org/honeycomb.io",
        ] {
            assert_eq!(of(base, Some("prod"), "api"), "", "{base}");
        }
        let long = json!({"x": "y".repeat(ADDRESS)});
        assert_eq!(link(us, ("acme", None), "api", &long), None);
    }
}
