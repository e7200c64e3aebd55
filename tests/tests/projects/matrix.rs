//! Every endpoint of the OCI surface, as everybody: let in, or refused in the right way. The REST API has the same of its own
//! (`shared/management/src/tests/access.rs`).

use std::collections::BTreeSet;

use berth_identity::robots::Level;
use berth_projects::{Action, Permission, Resource, Scope};
use berth_protocol::Request as OciRequest;

use super::robots::in_project;
use super::*;

/// Endpoints without a line in [`ENDPOINTS`]. It may only get shorter.
const UNTESTED: &str = include_str!("untested.txt");

/// What a request needs of whoever sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    /// Credentials or a token, of anybody's.
    Something,
    Pull,
    Push,
    Delete,
    /// A part in the administration of the system.
    Catalog,
}

/// What became of a request, as far as access is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    In,
    /// 401.
    SignIn,
    /// 403.
    Denied,
}

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Below `/v2`, where `{r}` is a repository and `{d}` a digest.
const ENDPOINTS: &[(&str, &str, Need)] = &[
    ("GET", "/", Need::Something),
    ("HEAD", "/", Need::Something),
    ("GET", "/_oci/ext/discover", Need::Nothing),
    ("GET", "/_catalog", Need::Catalog),
    ("GET", "/{r}/blobs/{d}", Need::Pull),
    ("HEAD", "/{r}/blobs/{d}", Need::Pull),
    ("GET", "/{r}/manifests/v1", Need::Pull),
    ("GET", "/{r}/manifests/{d}", Need::Pull),
    ("HEAD", "/{r}/manifests/v1", Need::Pull),
    ("GET", "/{r}/tags/list", Need::Pull),
    ("GET", "/{r}/referrers/{d}", Need::Pull),
    ("POST", "/{r}/blobs/uploads/", Need::Push),
    ("POST", "/{r}/blobs/uploads/?digest={d}", Need::Push),
    ("POST", "/{r}/blobs/uploads/?mount={d}&from={r}", Need::Push),
    ("GET", "/{r}/blobs/uploads/none", Need::Push),
    ("PATCH", "/{r}/blobs/uploads/none", Need::Push),
    ("PUT", "/{r}/blobs/uploads/none?digest={d}", Need::Push),
    ("DELETE", "/{r}/blobs/uploads/none", Need::Push),
    ("PUT", "/{r}/manifests/v1", Need::Push),
    ("PUT", "/{r}/manifests/{d}?tag=v1", Need::Push),
    ("DELETE", "/{r}/manifests/v1", Need::Delete),
    ("DELETE", "/{r}/manifests/{d}", Need::Delete),
    ("DELETE", "/{r}/blobs/{d}", Need::Delete),
];

/// Does not compile when the API gets another operation: that one belongs here and into [`ENDPOINTS`], or into the list of those
/// that are not tested.
const fn number(request: &OciRequest) -> usize {
    match request {
        OciRequest::Base => 0,
        OciRequest::GetBlob { .. } => 1,
        OciRequest::HeadBlob { .. } => 2,
        OciRequest::DeleteBlob { .. } => 3,
        OciRequest::GetManifest { .. } => 4,
        OciRequest::HeadManifest { .. } => 5,
        OciRequest::PutManifest { .. } => 6,
        OciRequest::DeleteManifest { .. } => 7,
        OciRequest::StartUpload { .. } => 8,
        OciRequest::PatchUpload { .. } => 9,
        OciRequest::PutUpload { .. } => 10,
        OciRequest::GetUpload { .. } => 11,
        OciRequest::CancelUpload { .. } => 12,
        OciRequest::ListTags { .. } => 13,
        OciRequest::ListReferrers { .. } => 14,
        OciRequest::Catalog { .. } => 15,
        OciRequest::ExtDiscover => 16,
    }
}

const OPERATIONS: usize = 17;

/// Everybody, and what of [`Need::Pull`], [`Need::Push`] and [`Need::Delete`] he may do in `team`, which is private.
const PEOPLE: &[(&str, &[Need])] = &[
    ("nobody", &[]),
    ("stranger", &[]),
    ("limited", &[Need::Pull]),
    ("guest", &[Need::Pull]),
    ("developer", &[Need::Pull, Need::Push]),
    ("maintainer", &[Need::Pull, Need::Push, Need::Delete]),
    ("chief", &[Need::Pull, Need::Push, Need::Delete]),
    ("admin", &[Need::Pull, Need::Push, Need::Delete]),
    ("robot$puller", &[Need::Pull]),
    ("robot$pusher", &[Need::Pull, Need::Push]),
    ("robot$remover", &[Need::Delete]),
    ("robot$elsewhere", &[]),
    ("robot$reader", &[]),
];

const ROLES: &[(&str, Role)] = &[
    ("limited", Role::LimitedGuest),
    ("guest", Role::Guest),
    ("developer", Role::Developer),
    ("maintainer", Role::Maintainer),
    ("chief", Role::ProjectAdmin),
];

fn path(template: &str, repository: &str) -> String {
    format!("/v2{}", template.replace("{r}", repository).replace("{d}", DIGEST))
}

fn parsed(method: &str, template: &str) -> OciRequest {
    let uri: http::Uri = path(template, "team/app").parse().expect("a path");
    let method = method.parse().expect("a method");
    berth_protocol::parse(&method, uri.path(), uri.query()).expect("an endpoint")
}

/// What should become of a request about `project`, with a token or, if `is_bare`, with nothing or with Basic credentials.
fn expected(who: &str, project: &str, need: Need, is_bare: bool) -> Told {
    let (_, in_team) = PEOPLE.iter().find(|(name, _)| *name == who).expect("somebody");
    let is_nobody = who == "nobody";
    let may = match need {
        Need::Nothing => true,
        Need::Something => !(is_nobody && is_bare),
        Need::Catalog => ["admin", "robot$reader"].contains(&who),
        // Clients without a token are told to get one, also for what is public.
        _ if is_nobody && is_bare => false,
        _ if project == "open" && who != "admin" => need == Need::Pull,
        _ => in_team.contains(&need),
    };
    match (may, is_nobody) {
        (true, _) => Told::In,
        (false, true) => Told::SignIn,
        (false, false) => Told::Denied,
    }
}

impl World {
    /// Makes everybody. Answers the secrets of the robots.
    async fn everybody(&self) -> Vec<(&'static str, String)> {
        let team = self.project("team", false).await;
        let open = self.project("open", true).await;
        self.user("stranger").await;
        for (name, role) in ROLES {
            self.member(&team, name, *role).await;
        }
        let all = [Action::Pull, Action::Push, Action::Delete];
        let mut secrets = Vec::new();
        for (full_name, permission) in [
            ("robot$puller", in_project(&team, &all[..1])),
            ("robot$pusher", in_project(&team, &all[..2])),
            ("robot$remover", in_project(&team, &all[2..])),
            ("robot$elsewhere", in_project(&open, &all[..1])),
            (
                "robot$reader",
                Permission { scope: Scope::System, rights: vec![(Resource::Catalog, Action::Read)] },
            ),
        ] {
            let name = full_name.trim_start_matches("robot$");
            secrets.push((full_name, self.robot(name, Level::System, permission).await.1));
        }
        secrets
    }

    async fn told(&self, method: &str, path: &str, authorization: Option<&str>) -> Told {
        let mut request = Request::builder().method(method).uri(path).header("host", HOST);
        if let Some(authorization) = authorization {
            request = request.header("authorization", authorization);
        }
        let answer = self.send(request.header("content-type", IMAGE), "").await;
        match answer.status.as_u16() {
            401 => Told::SignIn,
            403 => Told::Denied,
            status if status < 500 => Told::In,
            status => panic!("{method} {path}: {status}"),
        }
    }
}

#[test]
fn projects_every_oci_endpoint_is_in_the_matrix_of_roles() {
    let tested: BTreeSet<usize> =
        ENDPOINTS.iter().map(|(method, template, _)| number(&parsed(method, template))).collect();
    let names: BTreeSet<&str> =
        ENDPOINTS.iter().map(|(method, template, _)| parsed(method, template).operation()).collect();
    let untested: Vec<&str> = UNTESTED.lines().filter(|line| !line.starts_with('#')).collect();
    for name in &untested {
        assert!(!names.contains(name), "{name} is tested: take it from the list");
    }
    assert_eq!(tested.len() + untested.len(), OPERATIONS, "{names:?} are tested");
}

/// [asked-and-allowed]
#[tokio::test]
async fn projects_everybody_at_every_oci_endpoint() {
    let world = World::new();
    let secrets = world.everybody().await;
    for (who, _) in PEOPLE {
        let password = match *who {
            "admin" => ADMIN_PASSWORD,
            robot if robot.starts_with("robot$") => {
                &secrets.iter().find(|(name, _)| *name == robot).expect("a robot").1
            }
            _ => PASSWORD,
        };
        let basic = format!("Basic {}", STANDARD.encode(format!("{who}:{password}")));
        let basic = (*who != "nobody").then_some(basic);
        for project in ["team", "open"] {
            let repository = format!("{project}/app");
            let scopes =
                [&format!("repository:{repository}:pull,push,delete"), "registry:catalog:*"].join("%20");
            let token = world.token_of(basic.as_deref(), &scopes).await;
            for (method, template, need) in ENDPOINTS {
                let path = path(template, &repository);
                let held = world.told(method, &path, Some(&token)).await;
                assert_eq!(held, expected(who, project, *need, false), "{who}: {method} {path}, a token");
                // A password is slow to check, and what it comes to is the same for all endpoints of a kind.
                let is_first = ENDPOINTS.iter().find(|(_, _, other)| other == need)
                    == Some(&(*method, *template, *need));
                if is_first {
                    let bare = world.told(method, &path, basic.as_deref()).await;
                    assert_eq!(bare, expected(who, project, *need, true), "{who}: {method} {path}, no token");
                }
            }
        }
    }
}
