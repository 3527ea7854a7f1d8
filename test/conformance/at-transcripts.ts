/** One command of a recorded session and all that came until the next. Comments of the documents' authors are taken off. */
export interface RecordedExchange {
  command: string;
  /** Lines as received, echo and final included. */
  received: string[];
}

/** LLCOM's export: `[12:34:56.789]发→◇AT+CSQ` and `[…]收←◆…` with lines after it. */
export function readLlcom(text: string): RecordedExchange[] {
  const exchanges: RecordedExchange[] = [];
  let isReceiving = false;
  for (const whole of text.split('\n')) {
    const line = whole
      .replace(/\s*\/\/.*$/, '')
      .replace(/\s*--MNC.*$/, '')
      .trimEnd();
    const marked = /^\[[\d:.]+\](发→◇|收←◆)(.*)$/.exec(line);
    if (marked?.[1] === '发→◇') {
      isReceiving = false;
      if (/^AT/i.test(marked[2] ?? '')) exchanges.push({ command: (marked[2] ?? '').trim(), received: [] });
    } else if (marked !== null) {
      isReceiving = true;
      if ((marked[2] ?? '').trim() !== '') exchanges.at(-1)?.received.push((marked[2] ?? '').trim());
    } else if (line.startsWith('----') || line === '□') isReceiving = false;
    else if (isReceiving && line.trim() !== '') exchanges.at(-1)?.received.push(line.trim());
  }
  return exchanges;
}

/** A manual's examples: `AT…`, then what it is answered, up to the next. */
export function readExamples(text: string): RecordedExchange[] {
  const exchanges: RecordedExchange[] = [];
  for (const whole of text.split('\n')) {
    const line = whole.replace(/\s*\/\/.*$/, '').trim();
    if (/^(?:==|---)/.test(line)) exchanges.push({ command: '', received: [] });
    else if (/^AT\S*/.test(line)) exchanges.push({ command: line.replace(/\s*\(.*\)$/, ''), received: [] });
    else if (line !== '') exchanges.at(-1)?.received.push(line);
  }
  return exchanges.filter(({ command }) => command !== '');
}
