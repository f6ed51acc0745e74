/** Which of the 16,384 slots of a Redis Cluster a key lies in: CRC16 (XMODEM) of what is between its first braces. */

const SLOTS = 16_384;
/** The polynomial x^16 + x^12 + x^5 + 1, for each byte. */
const TABLE: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc;
});

export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  const hashed = close > open + 1 ? key.slice(open + 1, close) : key;
  let crc = 0;
  for (const byte of Buffer.from(hashed)) {
    crc = ((crc << 8) ^ (TABLE[((crc >> 8) ^ byte) & 255] as number)) & 0xffff;
  }
  return crc % SLOTS;
}
