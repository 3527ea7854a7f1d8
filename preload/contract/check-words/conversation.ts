import type { CheckWords, InBoth } from './words.ts';

const attempts: InBoth = { en: 'Attempts', zh: '尝试次数' };
const heardAtBoard: InBoth = { en: 'The board played the caller’s sound', zh: '板子播放了对方的声音' };
const heardAtPhone: InBoth = { en: 'The caller heard the board', zh: '对方听到了板子的声音' };
const endedCleanly: InBoth = { en: 'Ended cleanly, voice connection kept', zh: '正常挂断且语音连接保持' };
const agentBack: InBoth = { en: 'Agent speaks again after', zh: '挂断后智能体恢复说话用时' };

const checkSpeaker: InBoth = {
  en: 'Packets reached the board and nothing was heard: look at the decoder’s log lines, the amplifier’s enable pin, the codec’s volume and the speaker’s wiring; then run the downlink checks.',
  zh: '数据已到达板子但没有听到声音：查看解码相关日志、功放使能脚、Codec 音量和喇叭接线，然后运行“下行音频”检查。',
};
const checkEngines: InBoth = {
  en: 'The bench heard and gave no answer, so the fault is on its side: open the turn in the session, read its engine errors, and try that engine under Settings › Engines.',
  zh: '工作台听到了却没有给出回答，问题在工作台一侧：在会话中打开这一轮，查看引擎错误，并在“设置 › 引擎”中试用该引擎。',
};
const improveUplink: InBoth = {
  en: 'Words came over wrong or not at all: listen to the turns in the session and run the uplink checks (level, noise, dropouts, sample rate). If the sound is good, the recogniser does not know these phrases: take another engine, or add them to engines.phrases.',
  zh: '识别内容有误或为空：在会话中回听，并运行“上行音频”检查（电平、噪声、丢包、采样率）。若声音正常，则是识别引擎不认识这些句子：更换引擎，或将其加入 engines.phrases。',
};
const callSpeaker: InBoth = {
  en: 'During a call audio comes over the same WebSocket: keep the player running after RECV_USR_ANSWER and do not mute it because the agent is silent.',
  zh: '通话音频走同一条 WebSocket：收到 RECV_USR_ANSWER 后要保持播放器运行，不要因智能体静默而关闭播放。',
};
const callMicrophone: InBoth = {
  en: 'The caller heard nothing of the board: keep sending recorded frames during the call, and check that wake-word or half-duplex logic does not stop the recorder.',
  zh: '对方没有听到板子：通话期间要持续上送录音帧，并确认唤醒或单双工逻辑没有停止录音。',
};
const hangUp: InBoth = {
  en: 'After RECV_USR_HANGUP the board has to leave the call and keep its voice connection: look at what the log prints after the hang-up event.',
  zh: '收到 RECV_USR_HANGUP 后，板子应退出通话并保持语音连接：查看挂断事件之后的日志。',
};

/** Words of the conversation's checks. */
export const conversationWords: Readonly<Record<string, CheckWords>> = {
  'conversation.greeting': {
    title: { en: 'Greeting', zh: '开场白' },
    what: {
      en: 'Wakes the board and waits for its greeting to be heard: the whole way from the wake to the speaker works.',
      zh: '唤醒板子并等待听到开场白：验证从唤醒到喇叭的整条链路。',
    },
    values: {
      isConnected: { en: 'Voice connection made', zh: '已建立语音连接' },
      connectMs: { en: 'From waking to connected', zh: '唤醒到连接用时' },
      isHeard: { en: 'Greeting heard', zh: '听到开场白' },
      audibleMs: { en: 'From waking to the first sound', zh: '唤醒到首个可闻声音' },
      heardBy: { en: 'Heard by', zh: '听取方式' },
    },
    nexts: {
      'wake-board': {
        en: 'Say the wake word or press the talk button while the check waits. If the board was woken, look in its log for query_websocket_url and for what the bench answered; make sure that it reaches the bench’s gateway port.',
        zh: '检查等待时请说唤醒词或按对话键。如已唤醒，在日志中查找 query_websocket_url 及工作台的应答，并确认板子能访问工作台的网关端口。',
      },
      'slow-connection': {
        en: 'Connecting takes long: look at DNS, TCP and TLS times in the log, keep MQTT connected while asleep, and compare with network.attach and network.tcp.',
        zh: '连接耗时过长：查看日志中的 DNS、TCP、TLS 用时，休眠时保持 MQTT 在线，并与 network.attach、network.tcp 的结果对照。',
      },
      'check-speaker': checkSpeaker,
      'slow-greeting': {
        en: 'Connected in time and heard late: the player starts late or buffers too much. Lower its start threshold, and compare with downlink.playback.',
        zh: '连接及时但出声过晚：播放器启动慢或缓冲过多。请降低起播门限，并与 downlink.playback 的结果对照。',
      },
      'check-engines': checkEngines,
    },
  },
  'conversation.wake': {
    title: { en: 'Waking', zh: '唤醒' },
    what: {
      en: 'Ends the connection and wakes the board again, several times: how often it comes, and how soon.',
      zh: '多次断开连接并重新唤醒板子：统计成功次数和用时。',
    },
    values: {
      attempts,
      woken: { en: 'Came', zh: '成功' },
      missed: { en: 'Did not come', zh: '未成功' },
      tries: { en: 'Tries to connect, most', zh: '连接尝试次数（最多）' },
      connectMs: { en: 'Until connected, median', zh: '连接用时（中位数）' },
      slowestMs: { en: 'Until connected, slowest', zh: '连接用时（最慢）' },
    },
    nexts: {
      'tune-wake': {
        en: 'The board was called and did not come: look in its log whether the wake word was detected. If not, check the microphone’s gain (uplink.level) and the wake model’s threshold; if so, whether it asks for the WebSocket’s address again after a disconnection.',
        zh: '呼叫后板子没有连接：在日志中确认是否检测到唤醒词。未检测到时检查麦克风增益（uplink.level）和唤醒模型门限；已检测到时确认断开后会重新请求 WebSocket 地址。',
      },
      'slow-wake': {
        en: 'The slowest connection took too long: look in the log at what the board waits for between the wake and the WebSocket’s 101, DNS and TLS above all.',
        zh: '最慢的一次连接过久：在日志中查看唤醒到 WebSocket 101 之间的等待，重点是 DNS 和 TLS。',
      },
      'check-button': {
        en: 'The talk button was pressed and the bench was told of no turn: check that the board calls TWeTalk_WS_PttControl with START and END and connects with userTurnMode=push_to_talk.',
        zh: '按了对话键但工作台没有收到发言：确认板子调用 TWeTalk_WS_PttControl 的 START 和 END，并以 userTurnMode=push_to_talk 连接。',
      },
    },
  },
  'conversation.turns': {
    title: { en: 'Ten turns', zh: '十轮对话' },
    what: {
      en: 'Says ten phrases to the board: each has to be noticed, understood, answered and heard.',
      zh: '对板子说十句话：每一句都应被检测到、听懂、得到回答并播放出来。',
    },
    values: {
      turns: { en: 'Phrases said', zh: '说出的句数' },
      unnoticed: { en: 'Not noticed', zh: '未被检测到' },
      unanswered: { en: 'Not answered', zh: '未得到回答' },
      unheard: { en: 'Answer not heard', zh: '未听到回答' },
      textErrors: { en: 'Recognition errors (characters or words)', zh: '识别错误率（字/词）' },
      misheard: { en: 'Phrases recognised wrong', zh: '识别有误的句数' },
      latencyMs: { en: 'Latency, median', zh: '应答时延（中位数）' },
      slowestMs: { en: 'Latency, slowest', zh: '应答时延（最慢）' },
    },
    nexts: {
      'check-microphone': {
        en: 'Speech did not reach the bench: run uplink.frames and uplink.level. If packets come and are silent, the recorder or its channel is wrong; if none come, it was not started after the connection.',
        zh: '语音没有到达工作台：运行 uplink.frames 和 uplink.level。有包但无声说明录音或声道有误；没有包说明连接后没有启动录音。',
      },
      'check-engines': checkEngines,
      'check-speaker': checkSpeaker,
      'improve-uplink': improveUplink,
    },
  },
  'conversation.bargein': {
    title: { en: 'Barge-in', zh: '打断' },
    what: {
      en: 'Speaks into a long reply: the reply has to end, and the speaker has to be silent soon.',
      zh: '在一段长回答中插话：回答应被打断，喇叭应很快静音。',
    },
    values: {
      attempts,
      interrupted: { en: 'Interrupted', zh: '成功打断' },
      missed: { en: 'Not interrupted', zh: '未能打断' },
      stopMs: { en: 'From speech to silence, median', zh: '插话到静音（中位数）' },
      slowestStopMs: { en: 'From speech to silence, slowest', zh: '插话到静音（最慢）' },
      residualMs: { en: 'Played on after the bench stopped sending', zh: '停止下发后仍在播放' },
      silenceBy: { en: 'Silence told by', zh: '静音判定来源' },
    },
    nexts: {
      'hear-while-playing': {
        en: 'The board does not send its microphone while it plays, or the echo canceller removes the user with the echo: run echo.doubletalk. A board without echo cancellation is half duplex: set turns.isHalfDuplex for its agent, and leave this check out of its list.',
        zh: '板子播放时不上送录音，或回声消除把用户的声音一并消掉了：运行 echo.doubletalk。没有回声消除的板子是单双工：在其智能体中开启 turns.isHalfDuplex，并从清单中去掉本项。',
      },
      'drop-buffer': {
        en: 'The board plays on what it has buffered: throw the player’s ring away on BOT_STOP_SPEAKING, and keep its buffer short.',
        zh: '板子继续播放已缓冲的数据：收到 BOT_STOP_SPEAKING 时清空播放缓冲，并缩短缓冲长度。',
      },
      'slow-interruption': {
        en: 'The board is silent soon after the bench stops, and the bench stops late: lower turns.interruptionMs, look at how busy this computer is, and compare with the latency of single turns.',
        zh: '工作台停止下发后板子很快静音，但工作台停得太晚：减小 turns.interruptionMs，查看本机负载，并与单轮时延对照。',
      },
      'check-engines': checkEngines,
    },
  },
  'conversation.tools': {
    title: { en: 'Tools', zh: '工具调用' },
    what: {
      en: 'Has the agent set the volume, read the battery and set an alarm: the board has to answer in time, and really do it.',
      zh: '让智能体调音量、查电量、定闹钟：板子应及时应答并真正执行。',
    },
    values: {
      offered: { en: 'Offered', zh: '已提供' },
      missing: { en: 'Missing', zh: '缺少' },
      unanswered: { en: 'Not answered', zh: '未应答' },
      wrong: { en: 'Answered and not done', zh: '应答但未执行' },
      slowestMs: { en: 'Answer, slowest', zh: '应答用时（最慢）' },
      volumeSet: { en: 'Volume really changed', zh: '音量确实改变' },
      batteryPercent: { en: 'Battery', zh: '电量' },
      alarmSet: { en: 'Alarm accepted', zh: '闹钟已接受' },
      isControlAnswered: { en: 'Property set back by control', zh: '属性控制已应答' },
      called: { en: 'Called', zh: '调用的行为' },
    },
    nexts: {
      'offer-actions': {
        en: 'The product’s thing model lacks what this list asks for: add the actions (control_volume, get_battery, set_alarm_clock) to it, or name only what the board has in the check’s parameter “tools”.',
        zh: '产品物模型缺少清单要求的行为：补充 control_volume、get_battery、set_alarm_clock 等行为，或在本项参数 tools 中只列出板子具备的。',
      },
      'answer-actions': {
        en: 'The board was asked and did not answer: it has to subscribe $thing/down/action, know the action’s id, and send action_reply with code 0 and the same clientToken.',
        zh: '已下发但板子没有应答：应订阅 $thing/down/action、识别 actionId，并以相同 clientToken 回复 code 为 0 的 action_reply。',
      },
      'do-actions': {
        en: 'The board answers and does nothing: call the driver (codec volume, fuel gauge) in the action’s handler, and report the property once it has changed.',
        zh: '板子只应答未执行：在行为处理函数中调用实际驱动（音量、电量计），并在变化后上报属性。',
      },
      'slow-actions': {
        en: 'The user waits for this answer: reply at once and do slow work afterwards, and look whether MQTT is starved while audio plays.',
        zh: '用户在等待该应答：应先应答再做耗时操作，并检查播放音频时 MQTT 任务是否得不到调度。',
      },
    },
  },
  'conversation.call-in': {
    title: { en: 'Call in', zh: '呼入通话' },
    what: {
      en: 'The mini-program calls the board: it rings, is answered, both sides hear each other, and the call ends.',
      zh: '小程序呼叫板子：响铃、接听、双向通话、挂断。',
    },
    values: {
      isRinging: { en: 'Told of the call', zh: '已通知来电' },
      isAnswered: { en: 'Answered', zh: '已接听' },
      answerMs: { en: 'Answered after', zh: '接听用时' },
      isHeardAtBoard: heardAtBoard,
      isHeardAtPhone: heardAtPhone,
      isEndedCleanly: endedCleanly,
      agentBackMs: agentBack,
      end: { en: 'How it ended', zh: '结束方式' },
    },
    nexts: {
      'subscribe-calls': {
        en: 'The board does not listen to $twecall: subscribe it once MQTT is connected.',
        zh: '板子没有订阅 $twecall：请在 MQTT 连接后订阅。',
      },
      'answer-call': {
        en: 'The board rang and did not answer: take the call on the board while the check waits; the firmware answers RECV_USR_CALLING with TWeTalk_WS_CallResponse(DEVICE_ANSWER).',
        zh: '响铃后没有接听：检查等待时请在板子上接听；固件应在 RECV_USR_CALLING 后调用 TWeTalk_WS_CallResponse(DEVICE_ANSWER)。',
      },
      'call-speaker': callSpeaker,
      'call-microphone': callMicrophone,
      'hang-up': hangUp,
    },
  },
  'conversation.call-out': {
    title: { en: 'Call out', zh: '呼出通话' },
    what: {
      en: 'The board calls one of its contacts: the mini-program rings and answers, both sides hear each other, and the call ends.',
      zh: '板子呼叫一位联系人：小程序响铃、接听、双向通话、挂断。',
    },
    values: {
      contacts: { en: 'Contacts the board has sent', zh: '板子上送的联系人数' },
      isCalling: { en: 'Call came about', zh: '已发起呼叫' },
      callingMs: { en: 'Rings after', zh: '发起用时' },
      isHeardAtBoard: heardAtBoard,
      isHeardAtPhone: heardAtPhone,
      isEndedCleanly: endedCleanly,
      agentBackMs: agentBack,
      contact: { en: 'Contact', zh: '联系人' },
    },
    nexts: {
      'send-contacts': {
        en: 'No call came about: the board has to send its contacts after each connection (call-sync-openids, at most ten), and the contact the list names has to be among them.',
        zh: '没有发起呼叫：板子应在每次连接后上送通讯录（call-sync-openids，最多十个），且清单指定的联系人应在其中。',
      },
      'call-speaker': callSpeaker,
      'call-microphone': callMicrophone,
      'hang-up': hangUp,
    },
  },
  'conversation.idle': {
    title: { en: 'Idle', zh: '空闲结束' },
    what: {
      en: 'Says nothing: the board is reminded, the session ends after the last reminder, and the board can be woken again.',
      zh: '不再说话：依次提醒，最后一次提醒后结束会话，板子应能再次唤醒。',
    },
    values: {
      reminders: { en: 'Reminders', zh: '提醒次数' },
      firstReminderMs: { en: 'First reminder after', zh: '首次提醒' },
      isEnded: { en: 'Session ended', zh: '会话已结束' },
      endedMs: { en: 'Ended after', zh: '结束用时' },
      isOnline: { en: 'MQTT stayed connected', zh: 'MQTT 保持在线' },
      starts: { en: 'Restarts meanwhile', zh: '期间重启次数' },
      isBack: { en: 'Could be woken again', zh: '可再次唤醒' },
      backMs: { en: 'Connected again within', zh: '再次连接用时' },
    },
    nexts: {
      'enable-idle': {
        en: 'The session did not end: the board sent EnableIdleDetect(false), or its microphone picks up sound that counts as speech. Look for the event conversation.idle in the session, and run uplink.noise.',
        zh: '会话没有结束：板子可能关闭了空闲检测（EnableIdleDetect），或麦克风拾取的声音被当作讲话。请在会话中查看 conversation.idle 事件，并运行 uplink.noise。',
      },
      'survive-end': {
        en: 'When the server closed the voice connection the board lost MQTT too: close only the WebSocket on RECV_DISCONNECT, and look for a reset or a failed assertion in the log.',
        zh: '服务端关闭语音连接时板子同时掉了 MQTT：收到 RECV_DISCONNECT 只关闭 WebSocket，并在日志中查找重启或断言失败。',
      },
      'wake-again': {
        en: 'After the end of a session the board did not come back: it has to ask for a new address and token (query_websocket_url) on the next wake, not use the old ones.',
        zh: '会话结束后板子无法再次连接：下次唤醒应重新请求地址和 token（query_websocket_url），不能沿用旧的。',
      },
      'check-engines': checkEngines,
    },
  },
  'conversation.ota': {
    title: { en: 'Firmware update', zh: '固件升级' },
    what: {
      en: 'Offers the board its own firmware as an update: it has to fetch, write and start it, and come back with that version.',
      zh: '把板子自身的固件作为升级下发：应完成下载、写入、重启，并以该版本重新上线。',
    },
    values: {
      isOffered: { en: 'Offered', zh: '已下发' },
      state: { en: 'Last state', zh: '最后状态' },
      resultCode: { en: 'Board’s result code', zh: '板子返回码' },
      percent: { en: 'Fetched', zh: '下载进度' },
      downloadS: { en: 'Until written', zh: '写入完成用时' },
      isBack: { en: 'Back with that version', zh: '以该版本重新上线' },
      versionAfter: { en: 'Version afterwards', zh: '升级后版本' },
      restartS: { en: 'Until back', zh: '恢复用时' },
      starts: { en: 'Restarts', zh: '重启次数' },
      isTalking: { en: 'Talks afterwards', zh: '升级后可对话' },
      offered: { en: 'Image', zh: '升级包' },
    },
    nexts: {
      'subscribe-ota': {
        en: 'The board does not listen to $ota/update: call the SDK’s OTA initialisation once MQTT is connected.',
        zh: '板子没有订阅 $ota/update：请在 MQTT 连接后初始化 SDK 的 OTA。',
      },
      'fetch-update': {
        en: 'The board did not finish: −1 time-out, −2 no such file, −4 wrong MD5, −5 not installed. The stock SDK fetches from port 80 only: set twetalk.otaPort to 80. Check that the OTA partition is large enough.',
        zh: '升级没有完成：−1 超时，−2 文件不存在，−4 MD5 不符，−5 安装失败。原版 SDK 只从 80 端口下载：请将 twetalk.otaPort 设为 80，并确认 OTA 分区足够大。',
      },
      'report-version': {
        en: 'The board said it was done and did not come back with that version: look in the boot log for a rollback (esp_ota_mark_app_valid_cancel_rollback not called), and send report_version after each connection.',
        zh: '板子报告完成却没有以该版本上线：在启动日志中查找回滚（未调用 esp_ota_mark_app_valid_cancel_rollback），并在每次连接后发送 report_version。',
      },
      'talk-after-update': {
        en: 'After the update the board runs and does not talk: compare its boot log with the one before (power.baseline), and wake it again.',
        zh: '升级后板子在运行但无法对话：与升级前的启动日志对比（power.baseline），并再次唤醒。',
      },
    },
  },
  'conversation.soak': {
    title: { en: 'Soak', zh: '长时间对话' },
    what: {
      en: 'Talks with the board for as long as the list says, one turn after another: what fails once in an hour fails here.',
      zh: '按清单时长连续对话：暴露偶发故障。',
    },
    values: {
      turns: { en: 'Turns', zh: '轮数' },
      failures: { en: 'Failed turns', zh: '失败轮数' },
      misunderstood: { en: 'Turns of which nothing was recognised', zh: '未识别出内容的轮次' },
      reconnects: { en: 'Reconnections', zh: '重连次数' },
      resets: { en: 'Restarts', zh: '重启次数' },
      drops: { en: 'Drops and gaps', zh: '丢弃与断续' },
      benchDrops: { en: 'The bench’s own drops and gaps', zh: '工作台自身的丢弃与断续' },
      undecided: { en: 'Failed while the bench was late', zh: '因工作台延迟未能判定' },
      latencyMs: { en: 'Latency, median', zh: '应答时延（中位数）' },
      slowestMs: { en: 'Latency, slowest', zh: '应答时延（最慢）' },
      latencyRiseMs: { en: 'Latency, last third against first', zh: '时延变化（后三分之一对前三分之一）' },
      minutes: { en: 'Minutes', zh: '时长（分钟）' },
      by: { en: 'Spoken by', zh: '对话方式' },
    },
    nexts: {
      'look-at-failures': {
        en: 'Open the failed turns in the session and see what the board’s log says at that time; if they fall together with drops, run the weak-network checks, if with low heap, memory.leak.',
        zh: '在会话中打开失败的轮次，对照同一时刻的设备日志；若与断续同时出现，运行“弱网”检查，若与内存偏低同时出现，运行 memory.leak。',
      },
      'improve-uplink': improveUplink,
      'stay-connected': {
        en: 'The connection broke during the run: read the close codes (SDK code −(1000 + c)) and the signal in the log, and run network.quality and network.reconnect.',
        zh: '运行中连接断开：查看日志中的关闭码（SDK 码为 −(1000 + c)）和信号强度，并运行 network.quality 与 network.reconnect。',
      },
      'find-reset': {
        en: 'The board restarted: look at the reset reason of that boot. A brownout is the supply, a watchdog or a panic the firmware; the backtrace is decoded beside the log.',
        zh: '板子发生了重启：查看该次启动的复位原因。掉电复位查电源，看门狗或崩溃查固件；日志旁有解码后的调用栈。',
      },
      'find-drops': {
        en: 'Audio was thrown away or ran dry: look at the receive ring (90 frames), the player’s task priority, and the signal; run downlink.buffer.',
        zh: '音频被丢弃或断续：检查接收环形缓冲（90 帧）、播放任务优先级和信号强度，并运行 downlink.buffer。',
      },
    },
  },
  'conversation.latency': {
    title: { en: 'Latency', zh: '应答时延' },
    what: {
      en: 'Over all spoken turns of this run: how long the user waits, from the last word to the first sound at the board.',
      zh: '统计本次所有语音轮次：从用户最后一个字到板子首个可闻声音的等待时间。',
    },
    values: {
      turns: { en: 'Turns measured', zh: '统计轮数' },
      unanswered: { en: 'Unanswered', zh: '未应答' },
      leftOut: { en: 'Left out: the bench was late', zh: '未计入（工作台延迟）' },
      p50Ms: { en: 'p50', zh: 'p50' },
      p90Ms: { en: 'p90', zh: 'p90' },
      p95Ms: { en: 'p95', zh: 'p95' },
      p99Ms: { en: 'p99 (from 100 turns on)', zh: 'p99（满 100 轮）' },
      meanMs: { en: 'Mean', zh: '平均' },
      slowestMs: { en: 'Slowest', zh: '最慢' },
      slowestPart: { en: 'Most of it', zh: '占比最大的部分' },
      deviceP50Ms: { en: 'Network and board, p50', zh: '网络与板子（p50）' },
      isEstimated: { en: 'The board’s own part is estimated', zh: '板子部分为估计值' },
    },
    nexts: {
      'slowest-part': {
        en: 'See which part takes most: vad_silence and eou_wait are settings (turns.vadSilenceMs, turns.endpointing), asr, llm and tts are engines, transport_device is the network and the board’s player.',
        zh: '查看占比最大的部分：vad_silence、eou_wait 是设置（turns.vadSilenceMs、turns.endpointing），asr、llm、tts 是引擎，transport_device 是网络与板子的播放器。',
      },
    },
  },
};
