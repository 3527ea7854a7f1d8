/** The parameters that an action's example is sent with; for others an empty object. */
const examples: Readonly<Record<string, Record<string, unknown>>> = {
  GetTWeTalkProductConfigListV2: { ProductId: 'TALKBENCH1', TargetLanguage: 'zh', Offset: 0, Limit: 10 },
  ActivateTWeCallLicense: { PkgType: 1, DeviceList: [{ Sn: 'TALKBENCH1_bench' }] },
  GetTWeCallActiveStatus: { DeviceList: [{ Sn: 'TALKBENCH1_bench' }] },
  ActivateTWeTalk: { ServiceType: 1, DeviceIds: ['TALKBENCH1_bench'] },
  GetTWeTalkActiveStatus: { DeviceIds: ['TALKBENCH1_bench'] },
  StartAIConversation: {
    SdkAppId: 1400000000,
    RoomId: '1001',
    AgentConfig: { UserId: 'robot', UserSig: 'none', TargetUserId: 'user' },
  },
  StopAIConversation: { TaskId: 'TASK_ID' },
  DescribeAIConversation: { TaskId: 'TASK_ID' },
  UpdateAIConversation: { TaskId: 'TASK_ID', InterruptMode: 0 },
  ControlAIConversation: { TaskId: 'TASK_ID', Command: 'ServerPushText', ServerPushText: { Text: '你好', Interrupt: true } },
  RemoveUser: { SdkAppId: 1400000000, RoomId: 1001, UserIds: ['user'] },
  RemoveUserByStrRoomId: { SdkAppId: 1400000000, RoomId: 'room', UserIds: ['user'] },
  DismissRoom: { SdkAppId: 1400000000, RoomId: 1001 },
  DismissRoomByStrRoomId: { SdkAppId: 1400000000, RoomId: 'room' },
};

export function exampleOf(action: string): Record<string, unknown> {
  return examples[action] ?? {};
}

export interface CurlTarget {
  name: string;
  version: string;
  /** `127.0.0.1:8787`. */
  address: string;
}

/**
 * A shell program that signs and sends one request, step by step as the document has it (TC3-HMAC-SHA256). The keys come from the
 * environment, so that none stands in a shell's history.
 */
export function curlExample({ name, version, address }: CurlTarget): string {
  const service = version === '2019-07-22' ? 'trtc' : 'iotexplorer';
  const payload = JSON.stringify(exampleOf(name)).replaceAll("'", "'\\''");
  return `#!/usr/bin/env bash
# export TENCENTCLOUD_SECRET_ID=… TENCENTCLOUD_SECRET_KEY=…
set -euo pipefail
: "\${TENCENTCLOUD_SECRET_ID:?}" "\${TENCENTCLOUD_SECRET_KEY:?}"
host=${address} service=${service} action=${name} version=${version}
payload='${payload}'
timestamp=$(date +%s)
date=$(date -u +%Y-%m-%d)
hash() { printf '%s' "$1" | openssl sha256 -hex | sed 's/^.* //'; }
mac() { printf '%s' "$1" | openssl dgst -sha256 -mac hmac -macopt "$2" | sed 's/^.* //'; }
canonical="POST
/

content-type:application/json; charset=utf-8
host:$host

content-type;host
$(hash "$payload")"
scope="$date/$service/tc3_request"
to_sign="TC3-HMAC-SHA256
$timestamp
$scope
$(hash "$canonical")"
date_key=$(mac "$date" "key:TC3$TENCENTCLOUD_SECRET_KEY")
service_key=$(mac "$service" "hexkey:$date_key")
signing_key=$(mac tc3_request "hexkey:$service_key")
signature=$(mac "$to_sign" "hexkey:$signing_key")
curl -sS "http://$host/" \\
  -H "Authorization: TC3-HMAC-SHA256 Credential=$TENCENTCLOUD_SECRET_ID/$scope, SignedHeaders=content-type;host, Signature=$signature" \\
  -H "Content-Type: application/json; charset=utf-8" \\
  -H "X-TC-Action: $action" -H "X-TC-Version: $version" -H "X-TC-Region: ap-guangzhou" -H "X-TC-Timestamp: $timestamp" \\
  -d "$payload"
`;
}
