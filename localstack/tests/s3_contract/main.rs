//! The embedded S3, driven by the real AWS SDK: one named test for each clause of what is promised.

#[cfg(test)]
mod copies;
#[cfg(test)]
mod deletes;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod model;
#[cfg(test)]
mod multipart;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod puts;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod streaming;
#[cfg(test)]
mod support;
#[cfg(test)]
mod urls;
