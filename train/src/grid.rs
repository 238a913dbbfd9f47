//! Images as PNG.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Result;

use crate::data::SIZE;

/// Screen pixels a pixel.
const SCALE: usize = 4;
/// Pixels between two images.
const GAP: usize = 1;

/// Writes images (planes in `[-1, 1]`) side by side, `columns` in a row, on white.
pub fn write(path: &Path, images: &[Vec<f64>], columns: usize) -> Result<()> {
    let cell = SIZE + GAP;
    let rows = images.len().div_ceil(columns);
    let (width, height) = ((columns * cell + GAP) * SCALE, (rows * cell + GAP) * SCALE);
    let mut rgb = vec![255_u8; width * height * 3];
    for (i, image) in images.iter().enumerate() {
        let (left, top) = (i % columns * cell + GAP, i / columns * cell + GAP);
        for y in 0..SIZE * SCALE {
            for x in 0..SIZE * SCALE {
                let pixel = y / SCALE * SIZE + x / SCALE;
                let at = ((top * SCALE + y) * width + left * SCALE + x) * 3;
                for channel in 0..3 {
                    let value = image[channel * SIZE * SIZE + pixel];
                    rgb[at + channel] = ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&rgb)?;
    println!("{}", path.display());
    Ok(())
}
