//! Union-find: which of many things hang together.

/// Groups of things, named by the smallest of each.
#[derive(Debug, Clone)]
pub(crate) struct Union(Vec<u32>);

impl Union {
    /// So many things, every one alone.
    pub fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    /// The smallest of the group of a thing.
    pub fn root(&mut self, thing: u32) -> u32 {
        let mut at = thing;
        while self.0[at as usize] != at {
            let up = self.0[self.0[at as usize] as usize];
            self.0[at as usize] = up;
            at = up;
        }
        at
    }

    /// Makes the groups of two things one.
    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
