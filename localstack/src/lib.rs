#![doc = include_str!("../README.md")]

pub mod dynamodb;
pub mod edge;
pub mod s3;

mod audit;
mod events;
mod folder;
mod front;
mod housekeeping;
mod limits;
mod options;
mod stack;

pub use folder::{Folder, FolderError};
pub use front::Front;
pub use options::{Mode, Options, Users};
pub use stack::Stack;
