//! Logistic regression with a ridge, solved by Newton's method.
//!
//! Minimizes `-sum(y log p + (1 - y) log(1 - p)) + ridge / 2 * sum(b_j^2)` over standardized columns;
//! the intercept is free (Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 4.4).
//! Why a solver of our own: a dozen rules make a 13 x 13 system, for which no library is needed.

/// Most rounds; Newton's method needs fewer than ten.
const ROUNDS: usize = 60;
/// A step this small is the end.
const SMALL: f64 = 1e-10;

/// Fitted weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Log-odds where every column is 0.
    pub intercept: f64,
    /// Log-odds per unit of each column.
    pub weights: Vec<f64>,
    /// Standard error of each weight, from the inverse of the penalized information.
    errors: Vec<f64>,
    /// Rounds it took.
    pub rounds: usize,
}

impl Fit {
    /// Standard error of a weight.
    pub fn error(&self, column: usize) -> f64 {
        self.errors[column]
    }

    /// The chance of a row.
    pub fn predict(&self, row: &[f64]) -> f64 {
        let sum: f64 = self.weights.iter().zip(row).map(|(w, x)| w * x).sum();
        logistic(self.intercept + sum)
    }
}

fn logistic(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}

/// Mean and standard deviation of the columns.
struct Scale {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

/// Fits `won` on `rows` (`width` numbers a row). `None` when there is nothing to fit, or when the
/// numbers admit no solution.
pub fn fit(rows: &[f64], width: usize, won: &[bool], ridge: f64) -> Option<Fit> {
    let count = won.len();
    let finite = ridge.is_finite() && ridge >= 0.0 && rows.iter().all(|x| x.is_finite());
    if count == 0 || rows.len() != count * width || !finite {
        return None;
    }
    let scale = measure(rows, width, count);
    let mut z = Vec::with_capacity(rows.len());
    for row in rows.chunks_exact(width.max(1)) {
        z.extend((0..width).map(|j| (row[j] - scale.mean[j]) / scale.deviation[j]));
    }
    let size = width + 1;
    let mut weights = vec![0.0; size];
    let share = won.iter().filter(|w| **w).count() as f64 / count as f64;
    let share = share.clamp(1e-6, 1.0 - 1e-6);
    weights[0] = (share / (1.0 - share)).ln();
    let mut loss = penalized(&z, width, won, &weights, ridge);
    let mut rounds = 0;
    while rounds < ROUNDS {
        rounds += 1;
        let (gradient, information) = derivatives(&z, width, won, &weights, ridge);
        let step = solve(&cholesky(&information, size)?, &gradient);
        let mut length = 1.0;
        // Halve the step until it helps: far from the goal Newton's step can be too long.
        let (next, next_loss) = loop {
            let next: Vec<f64> = weights.iter().zip(&step).map(|(w, s)| w - length * s).collect();
            let next_loss = penalized(&z, width, won, &next, ridge);
            if next_loss <= loss || length < 1e-6 {
                break (next, next_loss);
            }
            length /= 2.0;
        };
        if !next_loss.is_finite() {
            return None;
        }
        let moved = step.iter().fold(0.0_f64, |most, s| most.max((length * s).abs()));
        if next_loss <= loss {
            (weights, loss) = (next, next_loss);
        }
        if moved < SMALL || length < 1e-6 {
            break;
        }
    }
    let (_, information) = derivatives(&z, width, won, &weights, ridge);
    let factor = cholesky(&information, size)?;
    let variance = |j: usize| {
        let mut unit = vec![0.0; size];
        unit[j] = 1.0;
        solve(&factor, &unit)[j]
    };
    let errors = (0..width).map(|j| variance(j + 1).max(0.0).sqrt() / scale.deviation[j]).collect();
    let raw: Vec<f64> = (0..width).map(|j| weights[j + 1] / scale.deviation[j]).collect();
    let offset: f64 = raw.iter().zip(&scale.mean).map(|(w, m)| w * m).sum();
    Some(Fit { intercept: weights[0] - offset, weights: raw, errors, rounds })
}

fn measure(rows: &[f64], width: usize, count: usize) -> Scale {
    let mut mean = vec![0.0; width];
    let mut deviation = vec![0.0; width];
    let each = || rows.chunks_exact(width.max(1));
    each().for_each(|row| mean.iter_mut().zip(row).for_each(|(m, x)| *m += x));
    mean.iter_mut().for_each(|m| *m /= count as f64);
    each().for_each(|row| {
        deviation
            .iter_mut()
            .zip(row.iter().zip(&mean))
            .for_each(|(d, (x, m))| *d += (x - m) * (x - m));
    });
    for d in &mut deviation {
        *d = (*d / count as f64).sqrt();
        // A column that is the same everywhere says nothing; any scale does.
        if *d < 1e-12 {
            *d = 1.0;
        }
    }
    Scale { mean, deviation }
}

fn linear(row: &[f64], weights: &[f64]) -> f64 {
    weights[0] + row.iter().zip(&weights[1..]).map(|(x, w)| x * w).sum::<f64>()
}

/// The rows of `z`; rows without columns are rows too.
fn row(z: &[f64], width: usize, at: usize) -> &[f64] {
    &z[at * width..(at + 1) * width]
}

fn penalized(z: &[f64], width: usize, won: &[bool], weights: &[f64], ridge: f64) -> f64 {
    let mut loss = 0.0;
    for (at, &won) in won.iter().enumerate() {
        let x = linear(row(z, width, at), weights);
        // log(1 + exp(x)) without overflow.
        let softplus = x.max(0.0) + (-x.abs()).exp().ln_1p();
        loss += softplus - if won { x } else { 0.0 };
    }
    loss + ridge / 2.0 * weights[1..].iter().map(|w| w * w).sum::<f64>()
}

/// Gradient and information (row by row) of the penalized loss.
fn derivatives(
    z: &[f64],
    width: usize,
    won: &[bool],
    weights: &[f64],
    ridge: f64,
) -> (Vec<f64>, Vec<f64>) {
    let size = width + 1;
    let mut gradient = vec![0.0; size];
    let mut information = vec![0.0; size * size];
    for (at, &won) in won.iter().enumerate() {
        let row = row(z, width, at);
        let p = logistic(linear(row, weights));
        let (miss, spread) = (p - f64::from(u8::from(won)), p * (1.0 - p));
        gradient[0] += miss;
        information[0] += spread;
        for (i, &x) in row.iter().enumerate() {
            gradient[i + 1] += miss * x;
            let weighted = spread * x;
            let line = &mut information[(i + 1) * size..(i + 2) * size];
            line[0] += weighted;
            line[1..=i + 1].iter_mut().zip(row).for_each(|(sum, &other)| *sum += weighted * other);
        }
    }
    for j in 1..size {
        gradient[j] += ridge * weights[j];
        information[j * size + j] += ridge;
    }
    (gradient, information)
}

/// Lower triangle `L` of a symmetric matrix `L L'`, given by its lower triangle.
struct Factor {
    lower: Vec<f64>,
    size: usize,
}

fn cholesky(matrix: &[f64], size: usize) -> Option<Factor> {
    let mut lower = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| lower[i * size + k] * lower[j * size + k]).sum();
            let rest = matrix[i * size + j] - dot;
            if i != j {
                lower[i * size + j] = rest / lower[j * size + j];
            } else if rest > 1e-12 {
                lower[i * size + i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(Factor { lower, size })
}

fn solve(factor: &Factor, right: &[f64]) -> Vec<f64> {
    let (lower, size) = (&factor.lower, factor.size);
    let mut x = right.to_vec();
    for i in 0..size {
        let dot: f64 = (0..i).map(|k| lower[i * size + k] * x[k]).sum();
        x[i] = (x[i] - dot) / lower[i * size + i];
    }
    for i in (0..size).rev() {
        let dot: f64 = (i + 1..size).map(|k| lower[k * size + i] * x[k]).sum();
        x[i] = (x[i] - dot) / lower[i * size + i];
    }
    x
}
