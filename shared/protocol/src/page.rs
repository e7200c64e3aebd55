use crate::limits::{DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

/// What part of a list a client asks for (distribution-spec, "Listing Tags").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The most entries wanted; 0 asks for none. Not yet capped, see [`Page::size`].
    pub n: Option<u32>,
    /// The entry after which the page starts; it need not exist.
    pub last: Option<String>,
}

impl Page {
    /// How many entries to answer at most: `n`, or [`DEFAULT_PAGE_SIZE`], capped at [`MAX_PAGE_SIZE`].
    pub fn size(&self) -> u32 {
        self.n.unwrap_or(DEFAULT_PAGE_SIZE).min(MAX_PAGE_SIZE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_capped() {
        for (n, size) in
            [(None, 1000), (Some(0), 0), (Some(7), 7), (Some(1000), 1000), (Some(u32::MAX), 1000)]
        {
            assert_eq!(Page { n, last: None }.size(), size, "{n:?}");
        }
    }
}
