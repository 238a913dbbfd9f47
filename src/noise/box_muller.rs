//! Standard normals, several at a time and to the bit those of libm.
//!
//! Every lane takes the steps that libm's `log`, `sin` and `cos` take for the arguments that occur here, in the same order,
//! and chooses among their results where those branch. What a compiler makes of it in vectors has the bits that it has one
//! by one, natively and in wasm.
//!
//! References: Box & Muller 1958; the reductions and polynomials are those of Sun Microsystems 1993, `e_log.c`, `k_sin.c`,
//! `k_cos.c` and `e_rem_pio2.c`, as libm has them.

use core::array::from_fn;
use core::f64::consts::TAU;

/// Pairs made at a time.
pub(super) const LANES: usize = 16;

/// Two independent standard normals a lane, of two random words a lane.
pub(super) fn normals(u: &[u64; LANES], v: &[u64; LANES]) -> [[f64; 2]; LANES] {
    let (mut radius, mut angle, mut cos, mut sin) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for i in 0..LANES {
        radius[i] = f64::sqrt(-2.0 * ln(unit(u[i])));
    }
    for i in 0..LANES {
        angle[i] = TAU * unit(v[i]);
    }
    for i in 0..LANES {
        [cos[i], sin[i]] = cos_sin(angle[i]);
    }
    if angle.iter().any(|&angle| is_near_an_axis(angle)) {
        cos = angle.map(libm::cos);
        sin = angle.map(libm::sin);
    }
    from_fn(|i| [radius[i] * cos[i], radius[i] * sin[i]])
}

/// The first of the two normals of two random words.
pub(super) fn normal(u: u64, v: u64) -> f64 {
    libm::sqrt(-2.0 * libm::log(unit(u))) * libm::cos(TAU * unit(v))
}

/// The upper 53 bits as a number in `(0, 1]`.
pub(super) fn unit(bits: u64) -> f64 {
    let number = (bits >> 11) + 1;
    // in halves: few processors convert 64 bits in vectors
    (whole(number >> 32) * 4_294_967_296.0 + whole(number & 0xffff_ffff)) * (1.0 / 9_007_199_254_740_992.0)
}

/// A whole number below `2^52`, as the mantissa of one above.
fn whole(number: u64) -> f64 {
    f64::from_bits(number | 0x4330_0000_0000_0000) - 4_503_599_627_370_496.0
}

/// Logarithm of a positive normal number, not infinite.
fn ln(x: f64) -> f64 {
    const LN2: [f64; 2] = [6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10];
    const L: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    // x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2)
    let above = x.to_bits() + ((0x3ff0_0000 - 0x3fe6_a09e) << 32);
    let k = whole(above >> 52) - 1023.0;
    let f = f64::from_bits((above & 0x000f_ffff_ffff_ffff) + (0x3fe6_a09e << 32)) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (L[1] + w * (L[3] + w * L[5]));
    let odd = z * (L[0] + w * (L[2] + w * (L[4] + w * L[6])));
    s * (half_square + (odd + even)) + k * LN2[1] - half_square + f + k * LN2[0]
}

/// High words of multiples of `pi / 2` from 1 to 4, in whose neighbourhood a reduction needs more bits.
const AXES: [u64; 4] = [0x3ff9_21fb, 0x4009_21fb, 0x4012_d97c, 0x4019_21fb];

fn is_near_an_axis(x: f64) -> bool {
    AXES.contains(&(x.to_bits() >> 32))
}

/// Cosine and sine of an angle from 0 to two pi, not near an axis but the first.
fn cos_sin(x: f64) -> [f64; 2] {
    /// Where the nearest multiple of `pi / 2` becomes another.
    const BETWEEN: [f64; 4] = [
        f64::from_bits(0x3fe9_21fc << 32),
        f64::from_bits(0x4002_d97d << 32),
        f64::from_bits(0x400f_6a7b << 32),
        f64::from_bits(0x4015_fdbd << 32),
    ];
    const HALF_PI: [f64; 2] = [1.570_796_326_734_125_6, 6.077_100_506_506_192e-11];
    const S: [f64; 6] = [
        -1.666_666_666_666_663_2e-1,
        8.333_333_333_322_49e-3,
        -1.984_126_982_985_795e-4,
        2.755_731_370_707_006_8e-6,
        -2.505_076_025_340_686_3e-8,
        1.589_690_995_211_55e-10,
    ];
    const C: [f64; 6] = [
        4.166_666_666_666_66e-2,
        -1.388_888_888_887_411e-3,
        2.480_158_728_947_673e-5,
        -2.755_731_435_139_066_3e-7,
        2.087_572_321_298_175e-9,
        -1.135_964_755_778_819_5e-11,
    ];
    let [one, two, three, four] = BETWEEN.map(|bound| if x >= bound { 1.0 } else { 0.0 });
    let quarter = one + two + three + four;
    let near = x - quarter * HALF_PI[0];
    let y = near - quarter * HALF_PI[1];
    let rest = (near - y) - quarter * HALF_PI[1];

    let z = y * y;
    let w = z * z;
    let r = S[1] + z * (S[2] + z * S[3]) + z * w * (S[4] + z * S[5]);
    let v = z * y;
    let unreduced = y + v * (S[0] + z * r);
    let reduced = y - ((z * (0.5 * rest - v * r) - rest) - v * S[0]);
    let sin = if quarter == 0.0 { unreduced } else { reduced };

    let r = z * (C[0] + z * (C[1] + z * C[2])) + w * w * (C[3] + z * (C[4] + z * C[5]));
    let half = 0.5 * z;
    let w = 1.0 - half;
    let cos = w + (((1.0 - w) - half) + (z * r - y * rest));

    let turned = quarter == 1.0 || quarter == 3.0;
    let (across, along) = if turned { (sin, cos) } else { (cos, sin) };
    let left = quarter == 1.0 || quarter == 2.0;
    let below = quarter == 2.0 || quarter == 3.0;
    [if left { -across } else { across }, if below { -along } else { along }]
}

#[cfg(test)]
mod tests {
    use core::f64::consts::TAU;

    use super::{AXES, LANES, cos_sin, is_near_an_axis, ln, normal, normals, unit};

    /// Words all over the range, from its ends inwards.
    fn words() -> impl Iterator<Item = u64> {
        let ends = (0..64).flat_map(|shift| [1 << shift, u64::MAX >> shift, u64::MAX << shift]);
        // Weyl's sequence of the golden ratio
        ends.chain((0..2_000_000_u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    #[test]
    fn a_unit_is_the_upper_53_bits() {
        for word in words() {
            assert_eq!(unit(word), ((word >> 11) + 1) as f64 / (1_u64 << 53) as f64, "{word:x}");
        }
    }

    #[test]
    fn functions_have_the_bits_of_libm() {
        for word in words() {
            let (u, angle) = (unit(word), TAU * unit(word));
            assert_eq!(ln(u).to_bits(), libm::log(u).to_bits(), "ln {u}");
            if !is_near_an_axis(angle) {
                let bits = [libm::cos(angle), libm::sin(angle)].map(f64::to_bits);
                assert_eq!(cos_sin(angle).map(f64::to_bits), bits, "{angle}");
            }
        }
    }

    #[test]
    fn where_the_nearest_axis_changes_the_bits_are_those_of_libm_too() {
        for eighth in [1, 3, 5, 7] {
            let bound = (f64::from(eighth) * core::f64::consts::FRAC_PI_4).to_bits() >> 32;
            for high in bound - 2..=bound + 2 {
                for low in [0, 1, 0x8000_0000, 0xffff_ffff] {
                    let angle = f64::from_bits(high << 32 | low);
                    let bits = [libm::cos(angle), libm::sin(angle)].map(f64::to_bits);
                    assert_eq!(cos_sin(angle).map(f64::to_bits), bits, "{angle}");
                }
            }
        }
    }

    #[test]
    fn next_to_an_axis_libm_is_asked_itself() {
        let mut met = 0;
        for axis in AXES {
            for low in [0, 0x5444_2d18, 0xffff_ffff] {
                // the word whose angle comes next to this one
                let word =
                    ((f64::from_bits(axis << 32 | low) / TAU * (1_u64 << 53) as f64) as u64).min((1 << 53) - 1) << 11;
                met += usize::from(is_near_an_axis(TAU * unit(word)));
                let (u, mut v) = ([1 << 40; LANES], [1 << 50; LANES]);
                v[3] = word;
                for (i, [first, second]) in normals(&u, &v).into_iter().enumerate() {
                    assert_eq!(first.to_bits(), normal(u[i], v[i]).to_bits(), "{word:x}");
                    let radius = libm::sqrt(-2.0 * libm::log(unit(u[i])));
                    assert_eq!(second.to_bits(), (radius * libm::sin(TAU * unit(v[i]))).to_bits(), "{word:x}");
                }
            }
        }
        assert!(met >= AXES.len(), "{met} words next to an axis");
    }
}
