//! Signing in and out with a browser: Harbor's paths below `/c/`.

mod login;
mod logout;
mod oidc;
mod origin;
mod start;

use crate::route::{Route, Verb, run};

const TAG: &str = "session";

pub(crate) const ROUTES: &[Route] = &[
    Route::new(Verb::Post, "/c/login", "login", TAG)
        .about("Sign in with a name and a password, as a form")
        .audited("login", "user")
        .anyone(run!(login::answer)),
    Route::new(Verb::Get, "/c/log_out", "logOut", TAG).about("Sign out").anyone(run!(logout::answer)),
    Route::new(Verb::Get, "/c/oidc/login", "oidcLogin", TAG)
        .about("Sign in at the OpenID Connect provider")
        .anyone(run!(oidc::login::answer)),
    Route::new(Verb::Get, "/c/oidc/callback", "oidcCallback", TAG)
        .about("Come back from the OpenID Connect provider")
        .anyone(run!(oidc::callback::answer)),
    Route::new(Verb::Get, "/c/oidc/onboard", "oidcOnboardPage", TAG)
        .about("A page to choose a name with, after the first sign-in at the provider")
        .anyone(run!(oidc::onboard::page)),
    Route::new(Verb::Post, "/c/oidc/onboard", "oidcOnboard", TAG)
        .about("Choose a name, after the first sign-in at the provider")
        .audited("create", "user")
        .anyone(run!(oidc::onboard::answer)),
];
