import { MASK } from './engine-words.ts';

/**
 * StartAIConversation as programs that run: with the official SDK for Node, and with curl and openssl as the document's own command line.
 * What is secret or of the moment (keys, the room, who talks) comes from the environment, and the endpoint may be the bench's.
 */
export type ProgramKind = 'trtc-node' | 'trtc-curl';

type Json = Record<string, unknown>;
const place = (name: string) => `@@env:${name}@@`;
const placePattern = /@@env:(\w+)@@/gu;

export function trtcProgram(config: Json, kind: ProgramKind): string {
  return kind === 'trtc-node' ? nodeProgram(requestOf(config)) : curlProgram(requestOf(config));
}

/** The request with places for what the environment says; LLMConfig and TTSConfig still objects. */
function requestOf(config: Json): Json {
  const { AgentConfig, STTConfig, LLMConfig, TTSConfig } = config as {
    AgentConfig: Json;
    STTConfig: Json;
    LLMConfig: string;
    TTSConfig: string;
  };
  const who = { UserId: place('ROBOT_USER_ID'), UserSig: place('ROBOT_USER_SIG'), TargetUserId: place('TARGET_USER_ID') };
  const { CustomParam, ...stt } = STTConfig;
  return {
    SdkAppId: place('SDK_APP_ID'),
    RoomId: place('ROOM_ID'),
    RoomIdType: 0,
    AgentConfig: { ...who, ...AgentConfig },
    STTConfig: { ...stt, ...(typeof CustomParam === 'string' && { CustomParam: withPlaces(JSON.parse(CustomParam), 'STT') }) },
    LLMConfig: withPlaces(JSON.parse(LLMConfig), 'LLM'),
    TTSConfig: withPlaces(JSON.parse(TTSConfig), 'TTS'),
  };
}

/** A masked key becomes a variable: 'APIKey' of the model is LLM_APIKEY. */
function withPlaces(value: unknown, prefix: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withPlaces(item, prefix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      member === MASK ? place(`${prefix}_${name.replace(/\W/gu, '_').toUpperCase()}`) : withPlaces(member, prefix),
    ]),
  );
}

const inTexts = ['LLMConfig', 'TTSConfig'];

function nodeProgram(request: Json): string {
  const literal = (value: unknown) => JSON.stringify(value, null, 2).replace(/"@@env:(\w+)@@"/gu, "env('$1')");
  const members = Object.entries(request).map(([name, value]) => {
    const { CustomParam, ...stt } = name === 'STTConfig' ? (value as Json) : {};
    if (name === 'SdkAppId') return `SdkAppId: Number(${literal(value)})`;
    if (CustomParam !== undefined) return `STTConfig: { ...${literal(stt)}, CustomParam: JSON.stringify(${literal(CustomParam)}) }`;
    return inTexts.includes(name) ? `${name}: JSON.stringify(${literal(value)})` : `${name}: ${literal(value)}`;
  });
  const body = members.map((member) => `  ${member.replaceAll('\n', '\n  ')},`).join('\n');
  return `// npm install tencentcloud-sdk-nodejs; the variables below; node start-conversation.cjs
// TRTC_ENDPOINT=127.0.0.1:8787 TRTC_PROTOCOL=http:// talks to the bench.
const { trtc } = require('tencentcloud-sdk-nodejs');

function env(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(\`set \${name}\`);
  return value;
}

const client = new trtc.v20190722.Client({
  credential: { secretId: env('TENCENTCLOUD_SECRET_ID'), secretKey: env('TENCENTCLOUD_SECRET_KEY') },
  region: process.env.TENCENTCLOUD_REGION ?? 'ap-guangzhou',
  profile: {
    httpProfile: {
      endpoint: process.env.TRTC_ENDPOINT ?? 'trtc.tencentcloudapi.com',
      protocol: process.env.TRTC_PROTOCOL ?? 'https://',
    },
  },
});

const request = {
${body}
};

client.StartAIConversation(request).then(
  (reply) => console.log(JSON.stringify(reply)),
  (error) => {
    console.error(error.code, error.message);
    process.exitCode = 1;
  },
);
`;
}

function curlProgram(request: Json): string {
  const { STTConfig, ...others } = request;
  const { CustomParam, ...stt } = STTConfig as Json;
  const custom = CustomParam === undefined ? {} : { CustomParam: JSON.stringify(CustomParam) };
  const written = Object.entries(others).map(([name, value]) => [name, inTexts.includes(name) ? JSON.stringify(value) : value]);
  const body = JSON.stringify({ ...Object.fromEntries(written), STTConfig: { ...stt, ...custom } });
  const names = [...new Set([...body.matchAll(placePattern)].map(([, name = '']) => name))];
  // Within the here-document the shell fills in the places and nothing else.
  const payload = body
    .replace(/[\\$`]/gu, '\\$&')
    .replace('"@@env:SDK_APP_ID@@"', '@@env:SDK_APP_ID@@')
    .replace(placePattern, '${$1}');
  return `#!/usr/bin/env bash
# The variables below, then: bash start-conversation.sh
# TRTC_ENDPOINT=127.0.0.1:8787 TRTC_PROTOCOL=http:// talks to the bench.
set -euo pipefail
: "\${TENCENTCLOUD_SECRET_ID:?}" "\${TENCENTCLOUD_SECRET_KEY:?}" ${names.map((name) => `"\${${name}:?}"`).join(' ')}
host=\${TRTC_ENDPOINT:-trtc.tencentcloudapi.com}
protocol=\${TRTC_PROTOCOL:-https://}
payload=$(cat <<END
${payload}
END
)
timestamp=$(date +%s)
date=$(date -u +%Y-%m-%d)
hash() { printf '%s' "$1" | openssl sha256 -hex | sed 's/^.* //'; }
mac() { printf '%s' "$1" | openssl dgst -sha256 -mac hmac -macopt "$2" | sed 's/^.* //'; }
signed='content-type;host'
canonical="POST
/

content-type:application/json; charset=utf-8
host:$host

$signed
$(hash "$payload")"
scope="$date/trtc/tc3_request"
to_sign="TC3-HMAC-SHA256
$timestamp
$scope
$(hash "$canonical")"
date_key=$(mac "$date" "key:TC3$TENCENTCLOUD_SECRET_KEY")
service_key=$(mac trtc "hexkey:$date_key")
signing_key=$(mac tc3_request "hexkey:$service_key")
signature=$(mac "$to_sign" "hexkey:$signing_key")
curl -sS -X POST "$protocol$host/" --data-binary "$payload" \\
  -H "Authorization: TC3-HMAC-SHA256 Credential=$TENCENTCLOUD_SECRET_ID/$scope, SignedHeaders=$signed, Signature=$signature" \\
  -H 'Content-Type: application/json; charset=utf-8' -H "Host: $host" -H 'X-TC-Action: StartAIConversation' \\
  -H 'X-TC-Version: 2019-07-22' -H "X-TC-Timestamp: $timestamp" -H "X-TC-Region: \${TENCENTCLOUD_REGION:-ap-guangzhou}"
`;
}
