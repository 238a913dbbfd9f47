//! Grids of pictures.

use std::fs;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Screen pixels a pixel.
const SCALE: usize = 4;
/// Pixels between two images.
const GAP: usize = 1;

/// Writes square images (planes in `[-1, 1]`, one or three) side by side, `columns` in a row, on white.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_grid(path: &Path, images: &[Vec<f64>], channels: usize, columns: usize) -> Result<()> {
    let size = images.first().map_or(0, |image| (image.len() / channels).isqrt());
    let cell = size + GAP;
    let rows = images.len().div_ceil(columns);
    let (width, height) = ((columns * cell + GAP) * SCALE, (rows * cell + GAP) * SCALE);
    let mut rgb = vec![255_u8; width * height * 3];
    for (i, image) in images.iter().enumerate() {
        let (left, top) = ((i % columns * cell + GAP) * SCALE, (i / columns * cell + GAP) * SCALE);
        for y in 0..size * SCALE {
            for x in 0..size * SCALE {
                let at = ((top + y) * width + left + x) * 3;
                for channel in 0..3 {
                    let plane = channel.min(channels - 1) * size * size;
                    let value = image[plane + y / SCALE * size + x / SCALE];
                    rgb[at + channel] = ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = fs::File::create(path).with_context(|| format!("writing {}", path.display()))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(())
}
