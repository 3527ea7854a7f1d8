import { createCipheriv, createDecipheriv, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { malformed } from './malformed.ts';

/** How V1 frames are encrypted; the number stands in their flags. */
export const securityLevels = { plain: 0, chacha20: 2, aesCbc: 3, aesGcm: 4 } as const;
export type SecurityLevel = (typeof securityLevels)[keyof typeof securityLevels];
export const IV_BYTES = 16;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;

/** How V2.1 frames are signed, and how many bytes that takes. 1 is called SHA1 and is the first 20 bytes of HMAC-SHA256. */
export type SignLevel = 0 | 1 | 2;
export const signatureBytes: Record<SignLevel, number> = { 0: 0, 1: 20, 2: 32 };

/** `HKDF-SHA256(local_key, salt, info "", 32)` (reference/tuya.md §3.1, §3.3). */
export function deriveKey(localKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', localKey, salt, new Uint8Array(0), 32));
}

/** HMAC-SHA256 of a frame: of all of it up to 64 bytes, else of its first and last 32. */
export function signFrame(key: Uint8Array, frame: Uint8Array): Uint8Array {
  const hmac = createHmac('sha256', key);
  if (frame.length <= 64) hmac.update(frame);
  else hmac.update(frame.subarray(0, 32)).update(frame.subarray(-32));
  return hmac.digest();
}

/** The comparison takes the same time wherever they differ. */
export function isSignatureRight(key: Uint8Array, frame: Uint8Array, signature: Uint8Array): boolean {
  const expected = signFrame(key, frame).subarray(0, signature.length);
  return signature.length > 0 && expected.length === signature.length && timingSafeEqual(expected, signature);
}

/** Encrypts the payload of one V1 frame. */
export function seal(level: SecurityLevel, key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Uint8Array {
  switch (level) {
    case securityLevels.plain:
      return plain;
    case securityLevels.chacha20: {
      const cipher = createCipheriv('chacha20', key, chachaNonce(iv));
      return Buffer.concat([cipher.update(plain), cipher.final()]);
    }
    case securityLevels.aesCbc: {
      const cipher = createCipheriv('aes-256-cbc', key, iv);
      return Buffer.concat([cipher.update(plain), cipher.final()]);
    }
    case securityLevels.aesGcm: {
      const padding = BLOCK_BYTES - (plain.length % BLOCK_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final(), cipher.getAuthTag()]);
    }
  }
}

/** Throws TalkError 'gateway/malformed' when it is not what the key made. */
export function open(level: SecurityLevel, key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Uint8Array {
  try {
    switch (level) {
      case securityLevels.plain:
        return sealed;
      case securityLevels.chacha20: {
        const decipher = createDecipheriv('chacha20', key, chachaNonce(iv));
        return Buffer.concat([decipher.update(sealed), decipher.final()]);
      }
      case securityLevels.aesCbc: {
        const decipher = createDecipheriv('aes-256-cbc', key, iv);
        return Buffer.concat([decipher.update(sealed), decipher.final()]);
      }
      case securityLevels.aesGcm: {
        const decipher = createDecipheriv('aes-256-gcm', key, iv);
        decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
        const padded = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
        const padding = padded.at(-1) ?? 0;
        if (padding < 1 || padding > BLOCK_BYTES || padding > padded.length) throw malformed('frame', 'bad padding');
        return padded.subarray(0, padded.length - padding);
      }
    }
  } catch {
    throw malformed('frame', 'cannot be decrypted');
  }
}

/** OpenSSL's nonce is the block counter, here 0, and then the 12 bytes of RFC 8439. */
function chachaNonce(iv: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.alloc(4), iv.subarray(0, 12)]);
}
