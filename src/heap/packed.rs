//! Snapshots as they lie about: as they are, or compressed by gzip or zstd, in a file or from a pipe. What it is is told by
//! its first bytes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{HeapError, Progress, Snapshot, Stream};

/// Bytes read in one go.
const PIECE: usize = 1 << 18;
const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

impl Snapshot {
    /// Reads a file, compressed or not, or whatever else can be opened by a path.
    ///
    /// # Errors
    /// [`HeapError`]
    pub fn open_any(path: &Path, progress: &Progress) -> Result<Self, HeapError> {
        let mut file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() {
            let mut first = [0; 4];
            let length = read_up_to(&mut file, &mut first)?;
            if !is_packed(&first[..length]) {
                return Self::open(path, progress);
            }
            progress.expect(metadata.len());
            return read(&first[..length], file, progress);
        }
        if metadata.is_dir() {
            return Self::open(path, progress);
        }
        Self::read_any(file, progress)
    }

    /// Reads what comes, compressed or not.
    ///
    /// # Errors
    /// [`HeapError`]
    pub fn read_any(mut from: impl Read, progress: &Progress) -> Result<Self, HeapError> {
        let mut first = [0; 4];
        let length = read_up_to(&mut from, &mut first)?;
        read(&first[..length], from, progress)
    }
}

fn is_packed(first: &[u8]) -> bool {
    first.starts_with(&GZIP) || first == ZSTD
}

fn read(first: &[u8], rest: impl Read, progress: &Progress) -> Result<Snapshot, HeapError> {
    let counted = Counted { inner: io::Cursor::new(first.to_vec()).chain(rest), progress };
    if first.starts_with(&GZIP) {
        return stream(MultiGzDecoder::new(BufReader::with_capacity(PIECE, counted)), "gzip");
    }
    if first == ZSTD {
        let source = BufReader::with_capacity(PIECE, counted);
        return stream(Frames { source, decoder: FrameDecoder::new(), open: false }, "zstd");
    }
    stream(counted, "")
}

/// `packed` by what.
fn stream(mut from: impl Read, packed: &str) -> Result<Snapshot, HeapError> {
    let mut stream = Stream::default();
    let mut buffer = vec![0; PIECE];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return stream.finish(),
            Ok(length) => stream.push(&buffer[..length])?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Node may have made the pipe non-blocking.
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) if Unwanted::is(&error) => return Err(HeapError::Aborted),
            Err(error) if packed.is_empty() || error.raw_os_error().is_some() => return Err(error.into()),
            Err(error) => {
                let what = match error.kind() {
                    ErrorKind::UnexpectedEof => format!("the {packed} data end too early"),
                    _ => format!("the {packed} data are damaged: {error}"),
                };
                return Err(io::Error::new(error.kind(), what).into());
            }
        }
    }
}

fn read_up_to(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() {
        match from.read(&mut into[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Notes how much has been read.
struct Counted<'p, R> {
    inner: R,
    progress: &'p Progress,
}

/// Nobody wants to know any more.
#[derive(Debug)]
struct Unwanted;

impl Unwanted {
    fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Self>)
    }
}

impl std::fmt::Display for Unwanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("aborted")
    }
}

impl std::error::Error for Unwanted {}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = loop {
            match self.inner.read(into) {
                // Decoders do not expect it.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                other => break other?,
            }
        };
        self.progress.advance(length as u64).map_err(|_| io::Error::other(Unwanted))?;
        Ok(length)
    }
}

/// The content of zstd's frames, one after the other.
struct Frames<R> {
    source: BufReader<R>,
    decoder: FrameDecoder,
    open: bool,
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.open {
                if self.source.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                match self.decoder.init(&mut self.source) {
                    Ok(()) => self.open = true,
                    Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                        length,
                        ..
                    })) => {
                        io::copy(&mut (&mut self.source).take(u64::from(length)), &mut io::sink())?;
                        continue;
                    }
                    Err(error) => return Err(damaged(error)),
                }
            }
            while self.decoder.can_collect() < into.len() && !self.decoder.is_finished() {
                let wanted = BlockDecodingStrategy::UptoBytes(into.len() - self.decoder.can_collect());
                self.decoder.decode_blocks(&mut self.source, wanted).map_err(damaged)?;
            }
            let length = self.decoder.read(into)?;
            if length > 0 || into.is_empty() {
                return Ok(length);
            }
            self.open = !self.decoder.is_finished();
        }
    }
}

/// What the decoder met: an error of reading is that.
fn damaged(error: FrameDecoderError) -> io::Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(now) = cause {
        if let Some(found) = now.downcast_ref::<io::Error>() {
            return match found.raw_os_error() {
                Some(code) => io::Error::from_raw_os_error(code),
                None if Unwanted::is(found) => io::Error::other(Unwanted),
                None => io::Error::new(found.kind(), found.to_string()),
            };
        }
        cause = now.source();
    }
    io::Error::new(ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::made::Made;
    use super::*;

    fn text() -> String {
        let mut made = Made::new();
        for index in 0..2000 {
            made.add(crate::heap::NodeKind::Object, &format!("Class{index}"), 8);
        }
        made.json()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn read(bytes: &[u8]) -> Result<Snapshot, HeapError> {
        Snapshot::read_any(bytes, &Progress::default())
    }

    #[test]
    fn compressed_snapshots_are_read_in_one_member_or_several() {
        let text = text();
        let (first, second) = text.as_bytes().split_at(1000);
        // A frame that readers are to pass over.
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        for bytes in [
            text.clone().into_bytes(),
            gzip(text.as_bytes()),
            [gzip(first), gzip(second)].concat(),
            zstd(text.as_bytes()),
            [zstd(first), skipped, zstd(second)].concat(),
        ] {
            assert_eq!(read(&bytes).unwrap().graph.node_count(), 2001);
        }
    }

    #[test]
    fn half_of_them_are_refused() {
        let text = text();
        for (bytes, name) in [(gzip(text.as_bytes()), "gzip"), (zstd(text.as_bytes()), "zstd")] {
            let error = read(&bytes[..bytes.len() / 2]).unwrap_err().to_string();
            assert_eq!(error, format!("the {name} data end too early"));
            let mut damaged = bytes.clone();
            damaged[bytes.len() / 2..].fill(0x55);
            assert!(read(&damaged).is_err());
        }
        let error = read(b"\x28\xb5\x2f\xfdxxxxxxxxxxxxxxxxxxxxx").unwrap_err().to_string();
        assert!(error.starts_with("the zstd data"), "{error}");
    }

    #[test]
    fn nobody_reads_on_who_was_told_not_to() {
        for bytes in [gzip(text().as_bytes()), zstd(text().as_bytes()), text().into_bytes()] {
            let progress = Progress::default();
            progress.abort();
            let result = Snapshot::read_any(&bytes[..], &progress);
            assert!(matches!(result, Err(HeapError::Aborted)), "{result:?}");
        }
    }
}
