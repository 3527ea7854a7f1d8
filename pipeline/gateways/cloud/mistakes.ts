import type { SignatureMistake } from '../../../preload/contract/cloud/cloud-api.ts';
import { type Authorization, dateOf, expectedOf, isSame, type SignedRequest, sha256, signerOf, stringToSign } from './tc3.ts';

type Attempt = { mistake: SignatureMistake; signature: () => string };

/** Ways that people get TC3 wrong, each tried against the signature that came. */
function attempts(request: SignedRequest, claimed: Authorization, secretKey: string): Attempt[] {
  const { service, signedHeaders, date } = claimed;
  const bareHost = (request.headers.host ?? '').replace(/:\d+$/u, '');
  const withHost = { ...request, headers: { ...request.headers, host: bareHost } };
  const signed = signerOf({ secretKey, date, service });
  const scope = `${date}/${service}/tc3_request`;
  const { canonicalRequest } = expectedOf(withHost, claimed);
  const payload = sha256(request.body);
  const otherBody = (body: string | Uint8Array) => canonicalRequest.replace(new RegExp(`${payload}$`, 'u'), sha256(body));
  const tried = (mistake: SignatureMistake, canonical: string): Attempt => ({
    mistake,
    signature: () => signed(stringToSign(request.timestamp, scope, canonical)),
  });
  const asWritten = expectedOf(withHost, claimed, (_name, value) => value).canonicalRequest;
  return [
    tried('header-values', asWritten),
    tried('empty-body', otherBody('')),
    tried('other-json', otherBody(reserialised(request.body))),
    tried('no-empty-line', canonicalRequest.replace('\n\n', '\n')),
    tried('method', canonicalRequest.replace(/^[A-Z]+/u, 'GET')),
    ...['iotexplorer', 'trtc'].map((name) => tried('real-host', hostReplaced(canonicalRequest, bareHost, name))),
    {
      mistake: 'local-date',
      signature: () =>
        signed(stringToSign(request.timestamp, `${dateOf(Number(request.timestamp) + 8 * 3600)}/${service}/tc3_request`, canonicalRequest)),
    },
    {
      mistake: 'no-tc3',
      signature: () => signerOf({ secretKey, date, service, prefix: '' })(stringToSign(request.timestamp, scope, canonicalRequest)),
    },
    tried('header-order', expectedOf(withHost, { ...claimed, signedHeaders: [...signedHeaders].sort() }).canonicalRequest),
  ];
}

/** What the client did wrong; null when it is nothing of the kind, which mostly means another key. */
export function mistakeIn(request: SignedRequest, claimed: Authorization, secretKey: string): SignatureMistake | null {
  const found = attempts(request, claimed, secretKey).find(({ signature }) => isSame(signature(), claimed.signature));
  return found?.mistake ?? null;
}

function hostReplaced(canonicalRequest: string, host: string, name: string): string {
  return canonicalRequest.replace(`host:${host.toLowerCase()}\n`, `host:${name}.tencentcloudapi.com\n`);
}

function reserialised(body: Uint8Array): string {
  try {
    return JSON.stringify(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    return '';
  }
}
