/** TWeTalk's settings as they are laid out; a test sees to it that none is missing. */
export const settingGroups = {
  things: ['controlTimeoutMs', 'otaPort', 'dynamicRegistration', 'registrationPadding'],
  voice: [
    'tokenLifetimeS',
    'isTokenSingleUse',
    'secondConnection',
    'connectionsPerMinute',
    'refusal',
    'urlReplyCode',
    'urlReplyStatus',
    'areCustomParamsChecked',
  ],
  calls: ['phone', 'phoneErrorCode', 'ringTimeoutS', 'afterCallZh', 'afterCallEn'],
  pictures: ['imageShapes', 'imageWords'],
  messages: ['messages'],
} as const;
