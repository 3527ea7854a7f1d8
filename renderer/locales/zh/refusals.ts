import type { RefusalHint, RefusalReason } from '../../../preload/contract/cloud/refusals.ts';

/** Why a board was not let in, and what to do about it. */
export const refusals = {
  'unknown-device': { is: '本台没有登记这台设备', next: '请在“设备”里登记，或允许未知设备接入（设置 → 设备）。' },
  'too-many-unknown': { is: '它未登记，而未知设备的名额已满', next: '请在“设备”里登记它，或删除自行接入的设备。' },
  malformed: { is: '它发来的不是本协议的消息', next: '请在“线上消息”里看原始字节：端口对吗？该用 TLS 吗？协议版本与固件一致吗？' },
  'malformed-client-id': {
    is: 'client id 不符合文档的格式',
    next: '请在“线上消息”里查看 client id。它由开发板自己的名称组成，原厂固件会填对。',
  },
  'malformed-username': {
    is: 'MQTT 用户名不符合文档的格式',
    next: '格式为：产品 ID 与设备名、SDK AppID、五个字符、过期时间，以分号分隔。',
  },
  'no-device-id': { is: '它没有说明自己是哪台设备', next: '请求里没有 Device-Id 请求头：是开发板，还是浏览器打开了这个地址？' },
  'username-of-another': { is: '用户名与其证书或密钥不属于同一设备', next: '请让开发板使用证书或预共享密钥所属的名称。' },
  'client-id-of-another': { is: 'client id 属于另一台设备', next: '请使用与用户名对应的 client id：产品 ID 与设备名相连。' },
  'password-missing': { is: '登录时没有密码', next: '该产品需要密码：设备密钥烧写到板上了吗？' },
  'bad-password': { is: '密码不是用本设备的密钥生成的', next: '请把“设备”里的密钥重新复制到板上：多半是两边不一致。' },
  'bad-signature': { is: '签名不是用本设备的密钥生成的', next: '请把“设备”里的密钥重新复制到板上：多半是两边不一致。' },
  'bad-token': { is: '令牌不是配置里下发的那个', next: '请重启开发板，让它重新获取配置（OTA）。令牌只对本台和这台设备有效。' },
  'bad-activation': { is: '激活信息不是用本设备的密钥生成的', next: '“设备”里的密钥与板上一致吗？本台没有密钥时无需证明即可激活。' },
  'wrong-certificate': { is: '证书不是最近为它签发的那张', next: '请重新签发证书（设备 → 该设备 → …），并把证书和私钥烧写到板上。' },
  'wrong-method': { is: '它的认证方式与产品要求的不同', next: '请在“设备”里查看产品的认证方式：密码、预共享密钥或证书。' },
  'no-secret': { is: '它要求签名，而本台没有它的密钥', next: '请在“设备”里为它设置密钥，或让它不签名连接。' },
  expired: { is: '登录凭据已过期', next: '开发板的时间对吗？否则可在消息代理的设置里关闭过期检查。' },
  'replayed-hello': { is: '它的第一条消息以前出现过', next: '它的随机数真的随机吗？仍要接入，可在涂鸦的设置里关闭此检查。' },
  'sign-level': { is: '它要求的签名方式不存在', next: '请在“线上消息”里查看第一条消息：签名等级只有 0、1、2。' },
  'no-random': { is: '它的第一条消息里没有随机数', next: '请在“线上消息”里查看第一条消息：协议版本与固件一致吗？' },
  'unknown-product': { is: '它的产品在本台没有产品密钥', next: '请在“设备”→ 产品里生成产品密钥，并写入固件。' },
  'bad-product-signature': { is: '注册请求不是用产品密钥签名的', next: '请把产品密钥重新写入固件：多半是两边不一致。' },
  'not-entered': { is: '没有录入这台设备，且该产品不开放注册', next: '请在“设备”里录入它，或开放该产品的注册。' },
  'token-unknown': { is: '语音令牌不是本台签发的', next: '请唤醒开发板，让它重新询问语音地址。本台重启后旧令牌失效。' },
  'token-expired': { is: '语音令牌已过期', next: '请让它重新询问语音地址并立即连接。令牌有效期可在 TWeTalk 的设置里更改。' },
  'token-of-another-device': { is: '语音令牌签发给了另一台设备', next: '地址里的产品或设备与申请令牌时不同：请在“线上消息”里查看地址。' },
  'bad-custom-params': {
    is: '地址里的 customParams 不是文本的 JSON 对象',
    next: '请在“线上消息”里查看地址，或在 TWeTalk 的设置里关闭此检查。',
  },
  'connected-already': { is: '它已经有一个语音连接', next: '请先结束另一个，或在 TWeTalk 的设置里允许新连接替换旧连接。' },
  'too-many-connections': { is: '它连接得过于频繁', next: '请看它的日志为何反复重连；允许的频率可在消息代理的设置里更改。' },
  closing: { is: '监听端口正在关闭', next: '请等监听重新打开；开发板会自行重连。' },
} satisfies Record<RefusalReason, { is: string; next: string }>;

/** 正确的写法；有它时取代“下一步”。 */
export const refusalHints = {
  'username-form':
    '用户名：<产品 ID><设备名>;<SDK AppID>;<五个字符>;<过期时间，Unix 秒>。密码：用 base64 解码后的设备密钥对用户名做 HMAC，写成十六进制，再加 ;hmacsha1 或 ;hmacsha256。',
  'password-method': '密码分号后的方法缺失或未知：应为 hmacsha1 或 hmacsha256。',
  'password-length': '密码里的摘要长度不对：hmacsha1 为 40 位十六进制，hmacsha256 为 64 位。',
  'password-undecoded': '设备密钥被当作文本使用了：计算 HMAC 前要先做 base64 解码。',
  'key-form': '该产品要求用设备密钥生成的密码，或以该密钥为预共享密钥的 TLS。',
  'psk-form': '该产品要求 TLS 预共享密钥：identity 为 <产品 ID><设备名>，密钥为 base64 解码后的设备密钥。',
  'certificate-form': '该产品要求 TLS 客户端证书，且须是最近为该设备签发的那张（设备 → 该设备 → …）。',
} satisfies Record<RefusalHint, string>;
