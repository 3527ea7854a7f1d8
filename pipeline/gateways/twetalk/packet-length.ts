/**
 * Watches a stream of MQTT packets by their fixed headers alone (MQTT 3.1.1 §2.2): a type byte, the remaining length in one to
 * four bytes of seven bits, then so many bytes. The result takes the stream's chunks in order and is true from the first
 * header on that announces more than `limitBytes`, or a length no packet can have.
 */
export function createPacketLengthWatch(limitBytes: number): (chunk: Uint8Array) => boolean {
  let isTypeNext = true;
  let length = 0;
  let shift = 0;
  let bodyLeft = 0;
  let isTooLong = false;
  return (chunk) => {
    for (let at = 0; at < chunk.length && !isTooLong; ) {
      if (bodyLeft > 0) {
        const taken = Math.min(bodyLeft, chunk.length - at);
        bodyLeft -= taken;
        at += taken;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (isTypeNext) {
        isTypeNext = false;
        length = 0;
        shift = 0;
        continue;
      }
      length += (byte & 0x7f) * 2 ** shift;
      shift += 7;
      isTooLong = length > limitBytes || shift > 28;
      if (byte < 0x80) {
        bodyLeft = length;
        isTypeNext = true;
      }
    }
    return isTooLong;
  };
}
