import type { AtFamily } from '../../../preload/contract/at.ts';

// biome-ignore format: a table
/**
 * What +CME ERROR and +CMS ERROR numbers mean: 3GPP TS 27.007 §9.2 and 27.005 §3.2.5, then what a family has of its own. The
 * names are keys; the page has the words.
 */
const cmeCommon: Record<number, string> = {
  0: 'phone-failure', 1: 'no-connection', 2: 'link-reserved', 3: 'not-allowed', 4: 'not-supported', 5: 'ph-sim-pin', 6: 'ph-fsim-pin', 7: 'ph-fsim-puk',
  10: 'sim-not-inserted', 11: 'sim-pin', 12: 'sim-puk', 13: 'sim-failure', 14: 'sim-busy', 15: 'sim-wrong', 16: 'wrong-password', 17: 'sim-pin2',
  18: 'sim-puk2', 20: 'memory-full', 21: 'invalid-index', 22: 'not-found', 23: 'memory-failure', 24: 'text-too-long', 25: 'invalid-text',
  26: 'dial-too-long', 27: 'invalid-dial', 30: 'no-service', 31: 'network-timeout', 32: 'emergency-only', 40: 'network-lock', 41: 'network-lock-puk',
  50: 'incorrect-parameters', 51: 'command-disabled', 52: 'command-aborted', 53: 'not-attached-restricted', 100: 'unknown', 103: 'illegal-ms',
  106: 'illegal-me', 107: 'gprs-not-allowed', 108: 'services-not-allowed', 111: 'plmn-not-allowed', 112: 'area-not-allowed', 113: 'roaming-not-allowed',
  114: 'gprs-not-allowed-here', 115: 'no-suitable-cell', 122: 'congestion', 126: 'insufficient-resources', 127: 'unknown-apn',
  128: 'unknown-pdp-type', 129: 'authentication-failed', 130: 'rejected-by-gateway', 131: 'rejected', 132: 'option-not-supported',
  133: 'option-not-subscribed', 134: 'option-out-of-order', 148: 'gprs-error', 149: 'pdp-authentication', 150: 'invalid-mobile-class',
  171: 'last-pdn', 177: 'operator-barring', 178: 'too-many-contexts', 179: 'apn-not-in-plmn',
};

// biome-ignore format: a table
/** EC CAT1 AT Commands Manual 1.2, chapter 4. */
const cmeEigencomm: Record<number, string> = {
  301: 'internal-error', 302: 'ue-busy', 303: 'not-powered-on', 304: 'pdn-not-active', 305: 'pdn-not-valid', 306: 'pdn-invalid-type', 307: 'pdn-no-parameter',
  308: 'ue-fail', 309: 'pdn-duplicate',
};

/** Numbers that AirM2M's firmware uses for things of its own: the standard's words would be wrong there. */
function isReusedByAirM2M(code: number): boolean {
  return (code >= 50 && code <= 63) || (code >= 264 && code <= 283) || (code >= 900 && code <= 918);
}

// biome-ignore format: a table
const cms: Record<number, string> = {
  300: 'me-failure', 301: 'sms-reserved', 302: 'not-allowed', 303: 'not-supported', 304: 'invalid-pdu', 305: 'invalid-text-mode', 310: 'sim-not-inserted',
  311: 'sim-pin', 312: 'ph-sim-pin', 313: 'sim-failure', 314: 'sim-busy', 315: 'sim-wrong', 316: 'sim-puk', 317: 'sim-pin2', 318: 'sim-puk2',
  320: 'memory-failure', 321: 'invalid-index', 322: 'memory-full', 330: 'smsc-unknown', 331: 'no-service', 332: 'network-timeout', 340: 'no-cnma-expected',
  500: 'unknown',
};

export function cmeMeaning(code: number, family: AtFamily): string | undefined {
  if (family === 'airm2m' && isReusedByAirM2M(code)) return 'vendor-specific';
  if (family === 'eigencomm' && cmeEigencomm[code] !== undefined) return cmeEigencomm[code];
  return cmeCommon[code];
}

export function cmsMeaning(code: number): string | undefined {
  return cms[code];
}

/** Every meaning there is, for the words of the page to be complete. */
export const errorMeanings: readonly string[] = [
  ...new Set([...Object.values(cmeCommon), ...Object.values(cmeEigencomm), ...Object.values(cms), 'vendor-specific']),
];
