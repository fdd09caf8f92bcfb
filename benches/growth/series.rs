//! One thing that is done, at several sizes of something else.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::statistics::Spread;

/// What it takes at several sizes, ascending.
#[derive(Clone, Debug, Serialize)]
pub struct Series {
    /// What is done.
    pub what: &'static str,
    /// At each size.
    pub points: Vec<Point>,
}

/// What it takes at one size.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Point {
    /// How many there are of what grows.
    pub size: u32,
    /// How often it was done.
    pub runs: u32,
    /// Wall time, in microseconds.
    pub wall_us: Spread,
}

impl Point {
    /// Its median, in microseconds.
    pub fn median(&self) -> f64 {
        self.wall_us.median
    }

    /// What its median may be off by: the range of the quartiles over the square root of the runs.
    fn uncertainty(&self) -> f64 {
        (self.wall_us.upper_quartile - self.wall_us.lower_quartile) / f64::from(self.runs).sqrt()
    }

    /// How many times as long it takes for each tenfold of the size before; nothing where that was zero.
    pub fn growth_since(&self, before: &Self) -> Option<f64> {
        let tenfolds = (f64::from(self.size) / f64::from(before.size)).log10();
        (before.size > 0).then(|| (self.median() / before.median()).powf(1.0 / tenfolds))
    }
}

impl Series {
    /// How many times as long the largest size takes as the smallest.
    pub fn whole_growth(&self) -> Option<f64> {
        Some(self.points.last()?.median() / self.points.first()?.median())
    }

    /// What the largest size takes beyond the smallest, as a multiple of what it were if each further one took what it does
    /// between the smallest and the middle: 1 is a straight line, and 10 the square where sizes are tenfold. The middle
    /// counts with what its median may be off by.
    pub fn steepness(&self) -> Option<f64> {
        let [small, middle, large] = self.points[..] else { return None };
        let sizes = f64::from(large.size - small.size) / f64::from(middle.size - small.size);
        let first = (middle.median() - small.median()).max(0.0) + middle.uncertainty() + small.uncertainty();
        Some((large.median() - small.median()).max(0.0) / (first * sizes))
    }
}

/// Once a thing has taken so long at one size, it is not done there again, if it was counted this often.
const ENOUGH: (Duration, usize) = (Duration::from_secs(10), 3);

/// Does each of these things at each size, in each round another one first, so that whatever else the machine does is done
/// to all of them. The first round warms up and is not counted. Returns a line for each thing.
pub fn measure<W: Copy>(
    rounds: u32,
    works: &[(&'static str, W)],
    sizes: &[u32],
    mut once: impl FnMut(W, u32) -> Result<Duration>,
) -> Result<Vec<Series>> {
    let cases: Vec<(W, u32)> =
        works.iter().flat_map(|&(_, work)| sizes.iter().map(move |&size| (work, size))).collect();
    let mut taken: Vec<Vec<f64>> = vec![Vec::new(); cases.len()];
    for round in 0..=rounds as usize {
        for place in 0..cases.len() {
            let nth = (place + round) % cases.len();
            let (work, size) = cases[nth];
            if taken[nth].len() >= ENOUGH.1 && taken[nth].iter().sum::<f64>() > ENOUGH.0.as_secs_f64() * 1e6 {
                continue;
            }
            let wall = once(work, size)?;
            if round > 0 {
                taken[nth].push(wall.as_secs_f64() * 1e6);
            }
        }
    }
    let point = |(&size, taken): (&u32, &Vec<f64>)| {
        // Never more than the rounds, of which there are few.
        let runs = u32::try_from(taken.len()).unwrap_or(rounds);
        Point { size, runs, wall_us: Spread::of(taken.clone()) }
    };
    let series = |(&(what, _), taken): (&(&'static str, W), &[Vec<f64>])| Series {
        what,
        points: sizes.iter().zip(taken).map(point).collect(),
    };
    Ok(works.iter().zip(taken.chunks(sizes.len())).map(series).collect())
}
