/** One entry for every code of preload/contract/errors.ts: what happened and why, then what to do. */
export const errors = {
  internal: {
    what: 'Internal error {{id}}.',
    next: 'This is a bug in Talkbench. The log has the details under this id; please report it.',
  },
  'bad-request': { what: 'The request was malformed.', next: 'Check the values you entered. If they look right, please report it.' },
  'unknown-call': { what: 'The core does not know “{{name}}”.', next: 'The page and the core are of different versions: reload the page.' },
  'not-found': { what: 'There is no {{what}} “{{id}}”.', next: 'It may have been removed meanwhile. Go back to the list.' },
  cancelled: { what: 'Cancelled.', next: 'Nothing more will happen; start again when you like.' },
  disconnected: { what: 'The connection to the core was lost during the request.', next: 'It reconnects by itself. Try again then.' },
  'too-large': { what: 'That is too large: {{sizeBytes}} bytes, the limit is {{limitBytes}}.', next: 'Choose a smaller file or range.' },
  forbidden: { what: 'Your role ({{role}}) may not do this.', next: 'Open the app with an operator’s link.' },
  unsupported: { what: '{{feature}} is not available here: {{why}}.', next: 'Use another way to do it, or another machine.' },
  timeout: { what: '{{operation}} took longer than {{timeoutMs}} ms.', next: 'Try again; if it repeats, look at the log.' },
  'port/not-found': { what: 'The port {{address}} is not there.', next: 'Plug the board in, then refresh the list.' },
  'port/busy': {
    what: '{{address}} is in use by another program ({{owner}}).',
    next: 'Close it there (a serial monitor, a flashing tool, ModemManager), then try again.',
  },
  'port/permission': {
    what: 'You have no permission to open {{address}}, which belongs to the group {{group}}.',
    next: 'Run “{{command}}” and log in again. Or, for every user of this machine, put this line into /etc/udev/rules.d/70-boards.rules and plug the board in again: {{rule}}',
  },
  'port/sending': { what: 'A file is being sent to {{address}} already.', next: 'Wait for it, or cancel it.' },
  'port/not-approved': {
    what: '{{address}} is no command that this machine’s owner has approved.',
    next: 'Approve it on the command line: talkbench ports add {{name}} -- PROGRAM ARGUMENTS…',
  },
  'port/list-unavailable': {
    what: 'Serial ports cannot be listed: {{missing}} is not installed.',
    next: 'Install it (Debian: apt-get install udev). You can still type a port’s address.',
  },
  'port/refused': {
    what: '{{address}} refused the connection: {{reason}}.',
    next: 'Check that the other end is running and the address is right.',
  },
  'port/closed': { what: '{{address}} is closed.', next: 'Open the port, or plug the board in again; then try again.' },
  'port/unsupported': { what: '{{address}} cannot do this: {{feature}}.', next: 'Use a local serial port for it.' },
  'port/bad-address': {
    what: '“{{address}}” is not the address of a port.',
    next: 'Use a path such as /dev/ttyUSB0 or COM7, socket://host:port or rfc2217://host:port.',
  },
  'port/lost': { what: '{{address}} went away: {{reason}}.', next: 'Check the cable. The port is reopened when the board comes back.' },
  'board/pty-unavailable': {
    what: 'A virtual board needs a pseudo terminal, which {{platform}} does not offer.',
    next: 'Use Linux or macOS for virtual boards.',
  },
  'board/not-running': { what: 'The virtual board {{name}} is not running.', next: 'Start it first.' },
  'symbols/bad-elf': {
    what: '{{path}} cannot be used for decoding: {{reason}}.',
    next: 'Choose the .elf file of the build (for ESP-IDF: build/PROJECT.elf), not the .bin image.',
  },
  'flash/sync-timeout': {
    what: 'The board at {{address}} did not answer the loader ({{attempts}} attempts).',
    next: 'Hold BOOT, press and release EN, release BOOT, and try again.',
  },
  'flash/protocol': {
    what: 'The board’s loader failed at {{command}}: {{reason}} (status {{status}}).',
    next: 'Check cable, USB hub and supply, then flash again at a lower baud rate. If it is refused at any rate, try without the stub.',
  },
  'flash/verify-mismatch': {
    what: '{{file}} does not read back as written, from {{offset}} on (expected {{expected}}, got {{actual}}).',
    next: 'Flash again at a lower baud rate. If it repeats, the flash chip or its supply is bad.',
  },
  'flash/wrong-chip': {
    what: 'The board is {{actual}}, the firmware is for {{expected}}.',
    next: 'Choose the firmware of this chip, or the right port.',
  },
  'flash/too-big': {
    what: 'The file at {{offset}} ({{sizeBytes}} bytes) does not fit the flash of {{flashBytes}} bytes.',
    next: 'Check the offset and the flash size.',
  },
  'flash/overlap': { what: '{{first}} and {{second}} overlap.', next: 'Correct the offsets.' },
  'flash/bad-file': { what: '{{path}} cannot be flashed: {{reason}}.', next: 'Choose the file the build made.' },
  'flash/bad-offset': {
    what: '{{offset}} is not a possible offset: {{reason}}.',
    next: 'Use a multiple of the sector size, for example 0x10000.',
  },
  'flash/no-stub': { what: 'There is no stub loader for {{chip}}.', next: 'Turn “use stub” off.' },
  'flash/busy': { what: 'Another job is flashing {{address}}.', next: 'Wait for it, or cancel it.' },
  'flash/cancelled': {
    what: 'Flashing was cancelled during “{{stage}}”. The board: {{boardState}}.',
    next: 'Flash again before using the board.',
  },
  'flash/no-offset': {
    what: 'Nothing says where {{name}} belongs: {{reason}}.',
    next: 'Type its offset, add the partition table (or the whole build folder), or name the file like its partition.',
  },
  'flash/does-not-fit': {
    what: '{{name}} ({{sizeBytes}} bytes) does not fit the partition {{partition}} ({{partitionBytes}} bytes).',
    next: 'Make the partition larger in partitions.csv, or the file smaller. “Write all the same” in the options overrides this.',
  },
  'flash/no-image': {
    what: '{{name}} is no image that a chip starts, and {{offset}} is where it starts from ({{place}}). Nothing was written.',
    next: 'Choose the .bin that the build makes for that place, or correct the offset. “Write all the same” in the options overrides this, for example for an image that was encrypted beforehand.',
  },
  'flash/not-booting': {
    what: 'Everything was written, but the board does not start it. It says: {{said}}',
    next: 'Flash all of the build: bootloader, partition table and application. The monitor shows what the board says.',
  },
  'flash/files-changed': {
    what: 'These files are not what was shown any more: {{names}}.',
    next: 'Look at the plan again (choose the files once more), then start.',
  },
  'flash/wrong-port': {
    what: 'The USB ids of {{address}} say {{actual}}, and this is for {{expected}}. Nothing was sent to it.',
    next: 'Choose the port of the right board. If this port does lead to it, choose “Write all the same” (--force).',
  },
  'flash/secured': {
    what: 'This chip has its security on: secure boot, flash encryption or secure download.',
    next: 'Plain firmware would not start on it, and may lock it for good. Only signed or encrypted files may go there: “Write all the same” in the options.',
  },
  'flash/no-partition': {
    what: 'The board has no partition {{partition}}.',
    next: 'Read its identity to see which it has, or flash a partition table with it first.',
  },
  'flash/vendor-tool': {
    what: 'The {{chip}} can only be flashed with its vendor’s tool, {{tool}}.',
    next: 'Flash it there; monitor, AT console and everything else of this app work with it as usual.',
  },
  'flash/no-agentboot': {
    what: 'The {{chip}} needs its second-stage loader (agentboot.bin) for {{transport}}, which the vendor lets nobody ship.',
    next: 'Give the file: it is in the vendor’s download tool, in the folder agentboot_usb or agentboot_uart of your chip.',
  },
  'flash/wrong-agentboot': {
    what: 'This agentboot is for {{actual}}, the package is for {{expected}}.',
    next: 'Take the agentboot of the package’s own chip: with another one the module resets in the middle of writing.',
  },
  'flash/no-download-port': {
    what: 'The module did not come back in download mode ({{transport}}, waited {{waitedMs}} ms).',
    next: 'Hold its BOOT key (or pull USB_BOOT to VDD_EXT), switch it on or press RESET, let go, and try again.',
  },
  'flash/protected': {
    what: '{{offset}} + {{sizeBytes}} bytes would touch {{what}}, which is made in the factory and cannot be made again.',
    next: 'Choose a range outside of it.',
  },
  'nvs/bad-csv': {
    what: 'Line {{line}} of the NVS table cannot be used: {{reason}}.',
    next: 'It needs the columns key,type,encoding,value, as ESP-IDF’s NVS generator reads them.',
  },
  'nvs/bad-value': {
    what: 'The value of {{namespace}}/{{key}} cannot be used: {{reason}}.',
    next: 'Correct it in the entries: numbers must fit their type, blobs are hex or base64.',
  },
  'nvs/too-big': {
    what: 'The values need {{neededBytes}} bytes, the partition has {{sizeBytes}}.',
    next: 'Leave values out, or make the partition larger in partitions.csv.',
  },
  'nvs/not-an-image': {
    what: 'This is no NVS partition: none of its pages begins as one ({{sizeBytes}} bytes).',
    next: 'Choose the image of an NVS partition alone, as a backup of that partition is. In a backup of the whole flash it is only a part.',
  },
  'nvs/missing-variable': { what: 'There is no value for “{{name}}”.', next: 'Type it under Variables, or choose a device that has it.' },
  'provisioning/bad-list': {
    what: 'Line {{line}} of the list cannot be used: {{reason}}.',
    next: 'Each line is product id, device name, secret. Correct it and import the file again: nothing of it was taken.',
  },
  'provisioning/header-unknown': {
    what: 'Line {{line}} of the list ({{header}}) may be a header in other words, or a device.',
    next: 'Name the columns product id, device name and secret there; or say that the list has no header. Nothing of it was taken.',
  },
  'provisioning/unnamed': {
    what: 'A device was chosen, and none of the values holds it.',
    next: 'Take a template, put ${product_id}, ${device_name} or ${device_secret} into a value, or choose no device.',
  },
  'provisioning/list-empty': {
    what: 'Every device of this list is used.',
    next: 'Import more devices, or release one that is on no board.',
  },
  'provisioning/duplicate': {
    what: '{{productId}}/{{deviceName}} is in a list already.',
    next: 'Remove it from the file, or the older list: a device can go into one board only.',
  },
  'provisioning/several-boards': {
    what: '{{productId}}/{{deviceName}} is one device, and {{boards}} boards are to be flashed.',
    next: 'Choose a list of devices in the recipe, or flash one board.',
  },
  'provisioning/used': {
    what: '{{productId}}/{{deviceName}} is on another board already.',
    next: 'Choose another device; or, if it is on no board any more, release it in its list.',
  },
  'provisioning/reserved': {
    what: 'A device of this list is being burned at this moment.',
    next: 'Wait until the job has ended, then try again.',
  },
  'recipe/bad-file': { what: 'This is no recipe: {{reason}}.', next: 'Choose a .json file that Talkbench exported.' },
  'wifi/no-radio': {
    what: 'This machine has no radio for this way of setup.',
    next: 'Use another machine whose Wi-Fi can join the board’s own network (SoftAP), or a window in Chrome or the desktop app on a machine with Bluetooth; or set the board up with a phone in 腾讯连连.',
  },
  'wifi/no-answer': {
    what: 'The board did not answer.',
    next: 'Check that it is in setup mode and near, that this machine is in its network, and that no firewall blocks UDP; then try again.',
  },
  'wifi/refused': {
    what: 'The board reports that the setup failed: {{reason}} ({{code}}).',
    next: 'Check the network’s name and password, and that it is a 2.4 GHz network in the board’s reach; then try again.',
  },
  'wifi/not-seen': {
    what: 'The board took the network’s name and password, but did not come to this bench within {{waitedSeconds}} s (device name: {{deviceName}}).',
    next: 'Most often the password is wrong, or this machine is not in that network. Look at the board’s log; check that its firmware has this bench’s address and that it is registered here.',
  },
  'wifi/busy': {
    what: 'Another setup of this kind is under way.',
    next: 'Wait for its end or cancel it.',
  },
  'wifi/radio-lost': {
    what: 'The Bluetooth connection to the board failed: {{reason}}.',
    next: 'Keep this window open and the board near and in setup mode, then choose it again.',
  },
  'listen/in-use': {
    what: 'Port {{port}} for {{listener}} is in use.',
    next: 'Stop the other program or choose another port in Settings.',
  },
  'listen/privileged': {
    what: 'The {{listener}} listener may not use port {{port}}: ports below 1024 are the administrator’s on this machine.',
    next: 'On Linux allow them once, “sudo sysctl net.ipv4.ip_unprivileged_port_start=80”, and start again; or choose another port and let the router forward 80 to it.',
  },
  'listen/refused': { what: '{{listener}} cannot listen on {{host}}: {{reason}}.', next: 'Choose an address of this machine in Settings.' },
  'engine/unavailable': {
    what: 'The {{stage}} engine {{engine}} is not available: {{missing}}.',
    next: 'Install what is missing, or choose another engine in Settings.',
  },
  'engine/failed': {
    what: 'The {{stage}} engine {{engine}} failed: {{reason}}.',
    next: 'The turn was given up. Try again or choose another engine.',
  },
  'engine/timeout': {
    what: 'The {{stage}} engine {{engine}} did not answer within {{timeoutMs}} ms.',
    next: 'Try again, or choose a faster engine.',
  },
  'engine/rate-limited': {
    what: 'The {{stage}} engine {{engine}} limits the rate of requests.',
    next: 'Wait a moment, then try again; or raise the account’s limit.',
  },
  'engine/unauthorized': {
    what: 'The {{stage}} engine {{engine}} refused the key: {{reason}}.',
    next: 'Check the key and what it may do, then enter it again in the engine’s profile.',
  },
  'engine/unreachable': {
    what: 'The {{stage}} engine {{engine}} cannot be reached at {{address}}: {{reason}}.',
    next: 'Check the address, that the service runs, and this machine’s network or proxy.',
  },
  'engine/cut': {
    what: 'The {{stage}} engine {{engine}} ended the connection in the middle of an answer: {{reason}}.',
    next: 'Try again. If it repeats, look at the network and at the service’s limits on length and time.',
  },
  'engine/bad-config': {
    what: 'The engine’s “{{field}}” cannot be used: {{reason}}.',
    next: 'Correct it in the engine’s profile.',
  },
  'engine/in-use': {
    what: 'The engine {{id}} is in use: {{by}}.',
    next: 'Choose another engine there first.',
  },
  'model/no-space': {
    what: 'The disk has no room for the model: {{neededBytes}} bytes are wanted, {{freeBytes}} are free.',
    next: 'Make room; the download goes on from where it stopped.',
  },
  'model/mismatch': {
    what: '{{path}} is not the file of the catalogue (SHA-256 {{actual}}, expected {{expected}}). It was not kept.',
    next: 'Try again, or another mirror. If it repeats, do not use that source.',
  },
  'model/download-failed': {
    what: 'The download of {{url}} failed: {{reason}}.',
    next: 'Resume it when the network is back, set a mirror, or import the model from a folder.',
  },
  'model/incomplete': {
    what: 'The folder {{folder}} lacks parts of the model: {{missing}}.',
    next: 'Choose the folder that holds all of its files.',
  },
  'audio/bad-wav': { what: 'This WAV file cannot be used: {{reason}}.', next: 'Use PCM WAV, 16 bit, mono or stereo.' },
  'audio/decode': {
    what: 'Audio ({{codec}}) could not be decoded: {{reason}}.',
    next: 'Check the codec and the frame length the board announced.',
  },
  'audio/unavailable': {
    what: 'This machine’s microphone and speaker cannot be used: {{missing}} is missing.',
    next: 'Install it (Debian: apt-get install libasound2), or talk through the browser’s own microphone. Everything else works without.',
  },
  'audio/no-device': {
    what: 'There is no sound device for {{direction}} here {{wanted}}.',
    next: 'Plug one in, or look at the list: talkbench talk --devices. Without a sound card, talk through the browser’s own microphone.',
  },
  'audio/device-failed': {
    what: 'The sound device “{{device}}” ({{direction}}) failed: {{reason}}.',
    next: 'See that no other program holds it and that Talkbench may use the microphone, or choose another device.',
  },
  'audio/process-ended': {
    what: 'The process that holds the sound devices ended: {{reason}} ({{code}}).',
    next: 'It is started again by itself. If it keeps ending, choose another device or unplug and plug in the one in use.',
  },
  'gateway/malformed': {
    what: 'The board sent something the {{gateway}} gateway cannot read: {{what}} ({{reason}}).',
    next: 'It was recorded as it came. Compare the firmware’s protocol version.',
  },
  'broker/unreachable': {
    what: 'The MQTT broker {{url}} does not answer: {{reason}}.',
    next: 'Check that it runs, its address, and the name and password in the settings of the broker.',
  },
  'product/in-use': {
    what: 'Product {{productId}} has {{devices}} devices.',
    next: 'Remove them first, or remove the product with its devices.',
  },
  'device/unknown': {
    what: 'The device {{productId}}/{{deviceName}} is not registered.',
    next: 'Add it under Cloud → Devices, or accept unknown devices in Settings.',
  },
  'device/bad-secret': {
    what: 'The device {{productId}}/{{deviceName}} signed in with a wrong secret.',
    next: 'Write the secret of the registry into the board.',
  },
  'device/duplicate': { what: '{{productId}}/{{deviceName}} exists already.', next: 'Choose another device name.' },
  'check/bad-list': {
    what: 'The check list cannot be read: {{reason}}.',
    next: 'Mend it at the line named; docs/checks.md says what may be written.',
  },
  'check/built-in': {
    what: 'A check list that comes with Talkbench is not changed.',
    next: 'Save it as a list of your own and change that.',
  },
  'check/list-differs': {
    what: 'There is a list “{{name}}” {{version}} already, and it says something else.',
    next: 'Give this file another version to replace that list, or another name to have both.',
  },
  'check/busy': {
    what: 'This board is being checked already, by this port or under another name.',
    next: 'Wait for that run to end, or cancel it. If these are two boards, both hold the same device: give each its own.',
  },
  'check/sound-removed': {
    what: 'This sound was removed by retention; what was measured of it stays.',
    next: 'Keep the session of a run whose sounds are to stay; sizes and ages are set below the list of sessions.',
  },
  'check/link-impaired': {
    what: 'The connections of {{productId}} / {{deviceName}} are impaired on purpose: what is measured would not be the board’s.',
    next: 'Take the impairment off under Checks › Weak network, then begin again. The checks of a weak network impair the link themselves.',
  },
  'check/no-serial-number': {
    what: 'This list checks boards by their serial number, and none was given. Nothing was begun.',
    next: 'Scan it or type it; it looks like {{example}}.',
  },
  'check/serial-number': {
    what: '“{{serialNumber}}” is no serial number of this list’s boards, which look like {{example}}. Nothing was begun.',
    next: 'Scan the right label; if the label is right, choose the list for this board, or correct “serialNumber” in the list ({{matches}}).',
  },
  'check/other-board': {
    what: 'Another board is on the port: this run is of {{expected}}, and it says that it is {{actual}}. Nothing is measured of it.',
    next: 'Put that board back and repeat the check. For another board, or one that was given a new identity, begin a run of its own.',
  },
  'check/board-left': {
    what: 'The board restarted, or its voice connection ended, in the middle of this check.',
    next: 'See power.loop and the log for the reason, then repeat the check.',
  },
  'check/bad-opus': {
    what: 'No Opus packets can be read from this file: {{reason}}.',
    next: 'Record at least a second with the SDK’s own packets, raw, length-prefixed or in Ogg.',
  },
  'report/no-printer': {
    what: 'Nothing on this machine can print the report to a PDF.',
    next: 'Save it as HTML and print that from a browser, or install Chromium, Chrome or Edge.',
  },
  'suite/bad-file': {
    what: 'This suite cannot be read: {{reason}}.',
    next: 'Correct the file; docs/suites.md says what may stand in it.',
  },
  'suite/no-file': {
    what: '{{path}}, which the suite names, cannot be read ({{reason}}).',
    next: 'Put the file beside the suite, or name a session of the library by its id.',
  },
  'suite/nothing-to-run': {
    what: 'No case of the suite has a name with {{only}} in it.',
    next: 'See the names of its cases, and choose again.',
  },
  'scenario/bad-file': {
    what: 'This scenario cannot be read: {{reason}}.',
    next: 'Correct the file; docs/scenarios.md says what may stand in it.',
  },
  'device/offline': {
    what: '{{productId}}/{{deviceName}} is not connected.',
    next: 'Power the board, and check that its MQTT host is this bench and its secret the registered one.',
  },
  'device/not-subscribed': {
    what: '{{productId}}/{{deviceName}} is connected and does not listen to {{topic}}.',
    next: 'Let the firmware subscribe that topic after each connect; the wire shows which ones it asked for.',
  },
  'device/no-action': {
    what: 'Product {{productId}} has no action “{{actionId}}”.',
    next: 'Define it in the thing model, or use the identifier it has there: {{known}}.',
  },
  'device/no-property': {
    what: 'The property “{{propertyId}}” of product {{productId}} cannot be set ({{reason}}).',
    next: 'Define it in the thing model as one that may be written.',
  },
  'ota/no-listener': {
    what: 'No listener serves firmware.',
    next: 'Look at the listeners on the Cloud screen; the one for firmware or the gateway must be open.',
  },
  'ota/in-use': { what: '“{{name}}” is being fetched by a board.', next: 'Wait until the update has ended.' },
  'call/busy': { what: '{{productId}}/{{deviceName}} is in a call already.', next: 'End that call first.' },
  'call/over': { what: 'That call is {{state}}: this can no longer be done.', next: 'Start a new call.' },
  'tool/timeout': {
    what: 'The board did not answer the action {{name}} within {{timeoutMs}} ms.',
    next: 'See in the log whether the action reached the board.',
  },
  'tool/failed': {
    what: 'The tool {{name}} failed: {{code}} {{status}}.',
    next: 'An action of the board: check its parameters against the thing model. A web service: check its address and headers in the agent.',
  },
  'tool/unknown': {
    what: 'The language model called {{name}}, which is no tool of this agent.',
    next: 'It was told so. If the name stands in your prompt, add the tool or take the name out.',
  },
  'tool/bad-arguments': {
    what: 'The language model called {{name}} with arguments the tool does not take.',
    next: 'It was told what is wrong; nothing was run. Describe the arguments and their allowed values more exactly.',
  },
  'agent/bad-config': {
    what: 'This is not a configuration of TWeTalk or TRTC: {{reason}} ({{path}}).',
    next: 'Take the JSON of GetTWeTalkProductConfigListV2 or of StartAIConversation.',
  },
  'agent/bad-thing-model': {
    what: 'This is not a thing model: {{reason}} ({{path}}).',
    next: 'Export it in the console (功能定义 › 查看物模型JSON) and take that text unchanged.',
  },
  'agent/plain-secret': {
    what: 'A key stands in plain text in a tool ({{where}}): everybody who may look at the settings would see it.',
    next: 'Write ${secret:NAME} in its place, then keep the key under that name as a secret.',
  },
  'agent/in-use': { what: 'The agent “{{id}}” is assigned to {{by}}.', next: 'Take the assignment away first.' },
  'speech/refused': {
    what: 'The service answered with an error: {{reason}} (code {{code}}).',
    next: 'With −1 check the token or app id; otherwise look at the settings of the service and at what was sent.',
  },
  'speech/pair': {
    what: '{{engine}} cannot translate from {{source}} to {{target}}.',
    next: 'The embedded phrase table knows zh and en. Configure a language model for other languages.',
  },
  'speech/language': {
    what: '{{engine}} ({{stage}}) does not have the language {{language}}.',
    next: 'Choose another engine for it, or another language.',
  },
  'speech/unknown-words': {
    what: 'Nothing of that text is in the embedded phrase table.',
    next: 'Say something simpler, or configure a language model.',
  },
  'at/timeout': {
    what: 'The modem did not end its answer to {{command}} within {{timeoutMs}} ms.',
    next: 'Check the port, the baud rate and whether the module sleeps. The next command waits until the modem is found again.',
  },
  'at/module-reset': {
    what: 'The module started anew while commands were under way ({{line}}).',
    next: 'Look at its supply (2 A peaks), then send the command again.',
  },
  'at/not-answering': {
    what: 'The modem at {{address}} did not answer AT {{attempts}} times.',
    next: 'Check that this is its AT port, the baud rate, and that it is awake.',
  },
  'at/no-data': {
    what: 'The modem asked for data after {{command}}, and none were given.',
    next: 'Give the text or bytes that belong to the command; it was ended with ESC.',
  },
  'at/data-mode': {
    what: '{{address}} is in data mode: what is sent goes to the peer.',
    next: 'Cancel to return to commands (+++).',
  },
  'talk/no-reply': { what: 'No reply within {{waitedMs}} ms.', next: 'See in the session which stage stopped.' },
  'talk/refused': {
    what: 'The conversation was refused ({{stage}}): {{reason}}.',
    next: 'Check the device’s registration and the listeners.',
  },
  'tuya/no-debug-port': {
    what: 'No debug port at {{address}}: {{reason}}.',
    next: 'The firmware wants ENABLE_AI_MONITOR; a device has at most three such connections. Check its address.',
  },
  'cloud/refused': {
    what: 'The cloud API refused: {{message}} ({{code}}).',
    next: 'Correct what it names, and ask again.',
  },
  'store/disk-full': {
    what: 'The disk with {{path}} is full.',
    next: 'Make room: the recording goes on, and what finds no place in memory meanwhile is dropped and counted.',
  },
  'store/corrupt': { what: 'The database {{path}} was damaged.', next: 'It was moved to {{movedTo}} and a new one was started.' },
  'store/newer-schema': {
    what: '{{path}} was written by a newer Talkbench (schema {{found}}, this one reads {{supported}}).',
    next: 'Update Talkbench.',
  },
  'store/locked': {
    what: 'The data in {{path}} are in use by another Talkbench.',
    next: 'Close the other one, or start with another data directory.',
  },
  'session/not-found': { what: 'There is no session {{id}}.', next: 'It may have been deleted. Go back to the list.' },
  'session/recording': { what: 'Session {{id}} is still being recorded.', next: 'Stop the recording first.' },
  'session/bad-file': {
    what: 'This is not a session file: {{reason}}.',
    next: 'Choose a .talkbench file that Talkbench exported, or a .whisk file of Pipecat Whisker 2.',
  },
  'replay/no-uplink': {
    what: 'Nothing the user said was recorded there.',
    next: 'Choose a conversation with an uplink: its line in the session says how many packets it has.',
  },
  'replay/bad-uplink': {
    what: 'What was recorded there is no sound of a microphone: a packet {{startUs}} µs in, at {{sampleRate}} Hz.',
    next: 'Take another recording; if this one was imported, ask for its file again.',
  },
  'replay/no-device': {
    what: 'No virtual device speaks the protocol of this conversation ({{gateway}}).',
    next: 'Run conversations of TWeTalk, TRTC, Tuya or xiaozhi again.',
  },
  'replay/bad-address': {
    what: '{{address}} is not how {{gateway}} is reached.',
    next: 'Give an address like {{wanted}}.',
  },
  'replay/credentials': {
    what: 'The far end asks who is calling, and {{missing}} is missing.',
    next: 'Enter your own credentials for it. They are used for this run, and kept only to be blacked out of exports.',
  },
  'replay/device-online': {
    what: 'The device {{productId}}/{{deviceName}} is connected itself.',
    next: 'Disconnect it, or run again as a device of its own.',
  },
  'replay/no-conversation': {
    what: 'Session {{id}} has no conversation that can be simulated.',
    next: 'Choose another session: a conversation has to be recorded from its beginning.',
  },
  'replay/needs-rerun': {
    what: 'What {{keys}} would change is what engines answer, and that was not recorded.',
    next: 'Run the speech again with that setting (Run again), or leave it as it was.',
  },
  'replay/no-log': {
    what: 'There is no log to play: nothing was recorded from a port, or the file is empty.',
    next: 'Choose a session with ports, or a file with something in it.',
  },
  'export/collector': {
    what: 'The collector at {{url}} did not take the trace: {{reason}}.',
    next: 'Check its address (OTLP over HTTP, usually port 4318) and the key it wants.',
  },
  'latency/bad-assertion': {
    what: 'The condition “{{text}}” cannot be understood: {{reason}}.',
    next: 'Correct it; docs/latency.md lists what is measured and how conditions are written.',
  },
  'latency/bad-budget': {
    what: 'The budget cannot be read: {{reason}}.',
    next: 'Correct the file; docs/latency.md shows one.',
  },
  'latency/not-stereo': {
    what: 'Latency is measured between two channels, and this recording has {{channels}}.',
    next: 'Record in stereo: the user on one channel, the product on the other.',
  },
  'saving/failed': {
    what: 'The log file {{path}} cannot be written ({{reason}}).',
    next: 'Choose another folder for saved logs, or make room. It is tried again every few seconds.',
  },
  'settings/invalid': { what: 'The setting {{key}} was refused.', next: 'Enter a value within the limits shown.' },
};
