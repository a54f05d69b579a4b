// Reads the clock that capture/pattern draws into its pictures; the layout is
// in that package's doc.go, which pattern.ReadClock follows too.

const COLUMNS = 36; // the picture's width in cells
const LINES = 40; // the picture's height in half cells
const FIRST_LINE = 35;
const LINES_PER_CELL = 2;
const BITS_PER_ROW = 32;
const LEFT = 1; // columns of the reference cells
const RIGHT = 34;
const MIN_CONTRAST = 40;

/**
 * Reads the capture time from a picture of any size.
 *
 * @param {{data: ArrayLike<number>, width: number, height: number}} picture
 *   a canvas's ImageData (RGBA), or the same with one byte of luma per pixel
 * @returns {number} milliseconds since 1970-01-01 UTC
 * @throws {Error} when the time cannot be known for certain
 */
export function readClock(picture) {
  const mean = cellReader(picture);
  const whites = [mean(0, LEFT), mean(1, RIGHT)];
  const blacks = [mean(1, LEFT), mean(0, RIGHT)];
  const high = (whites[0] + whites[1]) / 2;
  const low = (blacks[0] + blacks[1]) / 2;
  const contrast = high - low;
  if (!(contrast >= MIN_CONTRAST)) {
    throw new Error(`read clock: reference cells differ by ${Math.round(contrast)}, want ${MIN_CONTRAST}`);
  }
  const spread = Math.max(Math.abs(whites[0] - whites[1]), Math.abs(blacks[0] - blacks[1]));
  if (spread > contrast / 2) {
    throw new Error(`read clock: reference cells of one colour differ by ${Math.round(spread)} of ${Math.round(contrast)}`);
  }

  const bytes = new Uint8Array(8);
  for (let i = 0; i < 2 * BITS_PER_ROW; i++) {
    if (mean(Math.floor(i / BITS_PER_ROW), LEFT + 1 + (i % BITS_PER_ROW)) > (high + low) / 2) {
      bytes[i >> 3] |= 0x80 >> (i & 7);
    }
  }
  if (crc16(bytes.subarray(0, 6)) !== bytes[6] * 256 + bytes[7]) {
    throw new Error('read clock: checksum is wrong');
  }
  // 48 bits: too many for the bit operators, few enough for a Number.
  return bytes.subarray(0, 6).reduce((ms, byte) => ms * 256 + byte, 0);
}

/** Returns a function that averages the middle half of a cell. */
function cellReader({ data, width, height }) {
  const step = data.length / (width * height);
  if (step !== 1 && step !== 4) {
    throw new Error(`read clock: ${data.length} bytes are neither RGBA nor luma of ${width}x${height}`);
  }
  if (width < 2 * COLUMNS || height < LINES) {
    throw new Error(`read clock: size ${width}x${height}, want at least ${2 * COLUMNS}x${LINES}`);
  }
  const value = step === 1
    ? (at) => data[at]
    : (at) => 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];

  return (row, column) => {
    const [x0, x1] = middle(column, 1, COLUMNS, width);
    const [y0, y1] = middle(FIRST_LINE + row * LINES_PER_CELL, LINES_PER_CELL, LINES, height);
    let sum = 0;
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        sum += value(y * width + x);
      }
    }
    return sum / ((x1 - x0) * (y1 - y0));
  };
}

/**
 * The pixels whose centres lie in the middle half of [at, at + length), of
 * which the picture has total; at least the one in the very middle.
 */
function middle(at, length, total, pixels) {
  const quarters = (n) => Math.floor((n * pixels + total * 2 - 1) / (total * 4));
  const from = quarters(4 * at + length);
  const to = quarters(4 * at + 3 * length);
  if (from < to) {
    return [from, to];
  }
  const centre = Math.floor(((2 * at + length) * pixels) / (2 * total));
  return [centre, centre + 1];
}

/** CRC-16/IBM-3740. */
function crc16(bytes) {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) {
      crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
    }
  }
  return crc;
}
