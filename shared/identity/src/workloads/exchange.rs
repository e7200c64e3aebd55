//! A proof for an identity token (RFC 8693): for proofs that are good once, and for tools that keep a password for a while.

use berth_registry::{Exchanged, Token};

use super::{Admitted, Credentials, Proof, Refused, Workloads};
use crate::token::{ISSUER, Identity};

/// The longest that an identity token lives.
const MAX_TTL_SECS: u64 = 60 * 60;

impl Workloads {
    /// An identity token for a proof. It ends with the proof, but for a proof that is used up with this: then after an hour.
    pub(crate) async fn exchange(&self, proof: &Credentials, host: &str) -> Result<Exchanged, Refused> {
        let user = proof.user.as_str();
        let admitted = match Proof::of(&proof.password) {
            None => return Err(Refused::NoProof),
            Some(Proof::Identity(_)) => return Err(Refused::Identities),
            Some(proof) => self.admit(user, proof, host).await?,
        };
        let now_secs = self.clock.now_secs();
        let expires_at_secs = ends_at_secs(&admitted, now_secs);
        let claims = Identity {
            iss: ISSUER.to_owned(),
            sub: admitted.robot.full_name,
            aud: host.to_owned(),
            exp: expires_at_secs,
            nbf: now_secs,
            iat: now_secs,
            jti: self.ids.next(),
            robot_id: admitted.robot.id,
            rule_id: admitted.rule_id,
        };
        let text = self.tokens.sign_identity(&claims).ok_or(Refused::Identity)?;
        let token = Token { text, ttl_secs: expires_at_secs - now_secs, issued_at_secs: now_secs };
        Ok(Exchanged { name: claims.sub, token })
    }
}

fn ends_at_secs(admitted: &Admitted, now_secs: u64) -> u64 {
    let latest_secs = now_secs + MAX_TTL_SECS;
    let ends_secs = if admitted.is_used_up { latest_secs } else { latest_secs.min(admitted.expires_at_secs) };
    admitted.robot.expires_at_secs.map_or(ends_secs, |robot_secs| robot_secs.min(ends_secs)).max(now_secs)
}
