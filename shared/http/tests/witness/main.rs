//! What the witness is told: each request that counts, once, with the right words, and never a secret.

mod deeds;
mod door;
mod secrets;
mod sign_ins;
