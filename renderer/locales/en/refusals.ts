import type { RefusalHint, RefusalReason } from '../../../preload/contract/cloud/refusals.ts';

/** Why a board was not let in, and what to do about it. */
export const refusals = {
  'unknown-device': {
    is: 'nobody registered this device here',
    next: 'Register it under Devices, or let unknown devices in (Settings → Devices).',
  },
  'too-many-unknown': {
    is: 'it is registered nowhere, and there is no room for more unknown devices',
    next: 'Register it under Devices, or remove devices that came by themselves.',
  },
  malformed: {
    is: 'what it sent is no message of this protocol',
    next: 'Look at its bytes on Wire: is it the right port, with TLS or without, and the protocol version it was built for?',
  },
  'malformed-client-id': {
    is: 'its client id has not the documents’ form',
    next: 'Look at the client id on Wire. It is made of the board’s own name: a board with stock firmware sends it right.',
  },
  'malformed-username': {
    is: 'its MQTT username has not the documents’ form',
    next: 'Its form is: product id and device name, SDK app id, five characters, expiry, with semicolons between.',
  },
  'no-device-id': {
    is: 'it did not say which device it is',
    next: 'Its request has no Device-Id header: is it a board, or a browser that opened the address?',
  },
  'username-of-another': {
    is: 'its username is of another device than its certificate or key',
    next: 'Give the board the name that its certificate or pre-shared key is of.',
  },
  'client-id-of-another': {
    is: 'its client id is that of another device',
    next: 'Use the client id that belongs to the username: product id and device name run together.',
  },
  'password-missing': { is: 'it signed in without a password', next: 'The product wants a password: is the device secret on the board?' },
  'bad-password': {
    is: 'its password is not made of this device’s secret',
    next: 'Copy the secret anew from Devices to the board: most often the two are different.',
  },
  'bad-signature': {
    is: 'its signature is not made with this device’s key',
    next: 'Copy the key anew from Devices to the board: most often the two are different.',
  },
  'bad-token': {
    is: 'its token is not the one its configuration had',
    next: 'Have it ask for its configuration (OTA) again: restart it. A token is of this bench and of this device alone.',
  },
  'bad-activation': {
    is: 'its activation is not made with this device’s key',
    next: 'Is the key under Devices the one in the board? Without one here, it is activated without proof.',
  },
  'wrong-certificate': {
    is: 'its certificate is not the last one that was issued for it',
    next: 'Issue a certificate anew (Devices → the device → …) and put it and its key onto the board.',
  },
  'wrong-method': {
    is: 'it proves itself in another way than its product asks',
    next: 'Look at the product’s authentication under Devices: password, pre-shared key or certificate.',
  },
  'no-secret': {
    is: 'it signs, and there is no key for it here',
    next: 'Give the device a key under Devices, or have it connect unsigned.',
  },
  expired: {
    is: 'what it signed in with has run out',
    next: 'Is the board’s clock right? Else turn off the check of the expiry in the settings of the broker.',
  },
  'replayed-hello': {
    is: 'its first message was seen before',
    next: 'Is its random number really one? To let it in anyway, turn off the check in Tuya’s settings.',
  },
  'sign-level': {
    is: 'it asked for a way of signing that does not exist',
    next: 'Look at its first message on Wire: sign levels are 0, 1 and 2.',
  },
  'no-random': {
    is: 'its first message has no random number',
    next: 'Look at its first message on Wire: is the protocol version the one it was built for?',
  },
  'unknown-product': {
    is: 'its product has no product secret here',
    next: 'Make a product secret under Devices → the product, and build it into the firmware.',
  },
  'bad-product-signature': {
    is: 'its registration is not signed with the product secret',
    next: 'Copy the product secret anew into the firmware: most often the two are different.',
  },
  'not-entered': {
    is: 'nobody entered this device, and the product is closed',
    next: 'Enter the device under Devices, or open the product for registration.',
  },
  'token-unknown': {
    is: 'its voice token was not issued here',
    next: 'Have it ask for the voice address again: wake it. A token is lost when the bench starts anew.',
  },
  'token-expired': {
    is: 'its voice token has run out',
    next: 'Have it ask for the voice address again, and connect at once. How long a token lives is a setting of TWeTalk.',
  },
  'token-of-another-device': {
    is: 'its voice token was issued to another device',
    next: 'The query names another product or device than the token was asked for: look at the address on Wire.',
  },
  'bad-custom-params': {
    is: 'customParams in its address is no JSON object of texts',
    next: 'Look at the address on Wire, or turn off the check in TWeTalk’s settings.',
  },
  'connected-already': {
    is: 'it has a voice connection already',
    next: 'End the other one, or let a second one replace the first (TWeTalk’s settings).',
  },
  'too-many-connections': {
    is: 'it connects more often than is allowed',
    next: 'Look in its log why it starts again and again; how often it may is a setting of the broker.',
  },
  closing: { is: 'the listeners were being closed', next: 'Wait until they are open again; boards try again by themselves.' },
} satisfies Record<RefusalReason, { is: string; next: string }>;

/** What would have been right, said in place of what else there is to do. */
export const refusalHints = {
  'username-form':
    'Username: <product id><device name>;<SDK app id>;<5 characters>;<expiry in Unix seconds>. Password: the HMAC of the username under the base64-decoded device secret, in hex, then ;hmacsha1 or ;hmacsha256.',
  'password-method': 'After the password’s semicolon its method is missing or unknown: want hmacsha1 or hmacsha256.',
  'password-length': 'The digest in the password has the wrong length: hmacsha1 is 40 hex digits, hmacsha256 is 64.',
  'password-undecoded': 'The device secret was used as text: decode it from base64 before it goes into the HMAC.',
  'key-form': 'Its product wants a password made with the device secret, or TLS with that secret as pre-shared key.',
  'psk-form': 'Its product wants TLS with a pre-shared key: identity <product id><device name>, key the base64-decoded device secret.',
  'certificate-form': 'Its product wants TLS with the client certificate that was issued last for this device (Devices → the device → …).',
} satisfies Record<RefusalHint, string>;
