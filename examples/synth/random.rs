//! The random numbers of the generator: a counter-keyed stream and a permutation of row numbers.
//!
//! Everything the generator plants is a function of (seed, what is asked, number), never of what
//! was drawn before. That is why a person can be made again on demand wherever one of their rows
//! falls, and why no version of any crate can change a file made from a given seed.

/// SplitMix64's finalizer (Steele, Lea & Flood 2014): every input bit reaches every output bit.
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What a stream of random numbers is for; keeps streams of equal numbers apart.
#[derive(Clone, Copy)]
pub enum Stream {
    /// How many records a person has.
    Size = 1,
    /// Name, home and addresses of a person.
    Person,
    /// Firm attributes.
    Firm,
    /// One record's choices and damage.
    Record,
    /// When a record was created and updated.
    Clock,
    /// A person's activities.
    Activity,
    /// Relations between neighbors in the list of persons.
    Relation,
    /// Keys of the row and number permutations.
    Order,
}

/// A stream of random numbers.
pub struct Rng(u64);

impl Rng {
    /// The stream of item `index` for a purpose.
    pub fn keyed(seed: u64, stream: Stream, index: u64) -> Rng {
        Rng(mix(mix(seed ^ ((stream as u64) << 56)) ^ mix(index)))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number in `[0, bound)`; 0 for an empty range.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.bits()) * bound as u128) >> 64) as usize
    }

    /// A whole number in `[low, high]`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True with the given probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One item of a non-empty list, all equally likely.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// An index drawn by integer weights.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u32 = weights.iter().sum();
        let mut left = self.below(total as usize) as u32;
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        weights.len() - 1
    }

    /// An exponentially distributed number with the given mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
}

/// A keyed bijection of `0..size`: a four-round Feistel network over the next even number of
/// bits, walked until it lands inside. Rows are shuffled without ever being held together.
pub struct Permutation {
    size: u64,
    half_bits: u32,
    keys: [u64; 4],
}

impl Permutation {
    /// The permutation of `0..size` named by `seed` and `salt`.
    pub fn new(size: u64, seed: u64, salt: u64) -> Permutation {
        let mut rng = Rng::keyed(seed, Stream::Order, salt);
        let bits = 64 - size.saturating_sub(1).leading_zeros();
        let keys = [rng.bits(), rng.bits(), rng.bits(), rng.bits()];
        Permutation { size, half_bits: bits.div_ceil(2).max(1), keys }
    }

    /// Where `index` goes.
    pub fn forward(&self, index: u64) -> u64 {
        self.walk(index, [0, 1, 2, 3], false)
    }

    /// What came to `index`.
    pub fn inverse(&self, index: u64) -> u64 {
        self.walk(index, [3, 2, 1, 0], true)
    }

    fn walk(&self, index: u64, order: [usize; 4], swapped: bool) -> u64 {
        let mask = (1u64 << self.half_bits) - 1;
        let mut value = index;
        loop {
            let (mut left, mut right) = (value >> self.half_bits, value & mask);
            if swapped {
                std::mem::swap(&mut left, &mut right);
            }
            for round in order {
                let next = left ^ (mix(right ^ self.keys[round]) & mask);
                left = right;
                right = next;
            }
            if swapped {
                std::mem::swap(&mut left, &mut right);
            }
            value = (left << self.half_bits) | right;
            if value < self.size {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_reaches_every_row_once_and_is_undone_by_its_inverse() {
        for size in [1u64, 2, 3, 17, 1000, 4097] {
            let order = Permutation::new(size, 7, 1);
            let mut seen = vec![false; size as usize];
            for index in 0..size {
                let there = order.forward(index);
                assert!(!seen[there as usize], "size {size}: {there} twice");
                seen[there as usize] = true;
                assert_eq!(order.inverse(there), index);
            }
        }
    }

    #[test]
    fn the_stream_is_pinned() {
        let mut rng = Rng::keyed(1, Stream::Person, 2);
        let first = [rng.bits(), rng.bits()];
        let mut again = Rng::keyed(1, Stream::Person, 2);
        assert_eq!(first, [again.bits(), again.bits()]);
        assert_ne!(first[0], Rng::keyed(1, Stream::Firm, 2).bits());
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf, "SplitMix64's published first output");
    }
}
