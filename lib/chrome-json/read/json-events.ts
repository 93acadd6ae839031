import { isUtf8 } from 'node:buffer';
import type { ChromeEvent } from './chrome-event';
import { EventText } from './event-text';
import { Dropped, excerptOf, type Findings, type TextPlace } from './findings';
import { escapeInnerQuotes } from './quote-repair';
import { TextScanner, type TextForm } from './text-scanner';
import { Byte, isSpace, matchEventStart, ValueScan } from './value-scan';

/**
 * Takes an object in the list of events.
 *
 * @throws Dropped for an event that is to be left out
 */
export type EventHandler = (event: ChromeEvent, where: () => TextPlace, offset: number) => void;

/**
 * Reads the events in the text of a Chrome JSON trace, chunk by chunk: each whole or not at all. The twin of EventReader in
 * binding/chrome_json/event_reader.h: what is broken is repaired or dropped, and the events around it are read.
 */
export class JsonEventReader {
  /** Whether nothing of the text was lost before it came here, as by damaged gzip data. */
  isWhole = true;
  private readonly scanner: TextScanner;

  constructor(
    private readonly findings: Findings,
    private readonly onEvent: EventHandler,
  ) {
    this.scanner = new TextScanner(findings, (text, offset) => this.read(text, offset));
  }

  /** Undefined before the first bracket. */
  get form(): TextForm | undefined {
    return this.scanner.form;
  }

  /** Whether there is a list of events, or at least its key. */
  get hasEvents(): boolean {
    return this.scanner.hasEventsKey || (this.form !== undefined && this.form !== 'object');
  }

  /** Values where events belong, whatever they are. */
  get entries(): number {
    return this.scanner.entries;
  }

  /** Bytes of text so far. */
  get bytes(): number {
    return this.scanner.bytes;
  }

  write(chunk: Buffer): void {
    this.scanner.write(chunk);
  }

  /** Says that the text is over, and reports what is missing. */
  end(): void {
    this.scanner.end();
  }

  /** Where the text ends so far. */
  endPlace(): TextPlace {
    return { offset: this.bytes, line: this.scanner.lineOf(this.bytes), excerpt: '' };
  }

  private read(text: Buffer, offset: number): void {
    const problem = this.readAlone(text, offset);
    if (problem !== undefined) this.readEach(text, offset, problem);
  }

  /** Returns why it is no event. */
  private readAlone(text: Buffer, offset: number, quoted?: string): string | undefined {
    const entry = new EventText(quoted ?? text.toString('utf8'));
    if (quoted !== undefined) entry.repairs.add('quotes in a string without their backslashes');
    let event: ChromeEvent;
    try {
      event = entry.read();
    } catch (error) {
      if (error instanceof Dropped) return error.message;
      throw error;
    }
    if (!isUtf8(text)) entry.repairs.add('invalid UTF-8');
    const where = () => this.placeOf(text, offset);
    for (const repair of entry.repairs) this.findings.add('repaired', repair, where);
    try {
      this.onEvent(event, where, offset);
    } catch (error) {
      if (!(error instanceof Dropped)) throw error;
      this.findings.add('dropped', error.message, where);
    }
    return undefined;
  }

  /** Reads a text that is not one event but may be several, because a quote or brace is missing. */
  private readEach(text: Buffer, offset: number, firstProblem: string): void {
    let problem: string | undefined = firstProblem;
    for (let begin = 0; begin < text.length; ) {
      const scan = new ValueScan();
      scan.start(text[begin]);
      const stop = scan.run(text, begin, begin + 1, text.length, true, true);
      const part = text.subarray(begin, scan.at);
      if (stop !== 'end') problem = 'an event without its end';
      else problem ??= this.readAlone(part, offset + begin);
      if (problem !== undefined && !this.readWithQuotes(part, offset + begin)) {
        this.findings.add('dropped', problem, () => this.placeOf(part, offset + begin));
      }
      problem = undefined;
      begin = scan.at;
      if (stop !== 'new event') while (begin < text.length && !isEventStart(text, begin)) begin++;
    }
  }

  /** Reads an event with its quotes repaired. False if that is no event either, or not all of the text. */
  private readWithQuotes(text: Buffer, offset: number): boolean {
    let end = text.length;
    while (isSpace(text[end - 1]) || text[end - 1] === Byte.Comma) end--;
    const whole = text.toString('utf8', 0, end);
    const repaired = escapeInnerQuotes(whole);
    return repaired !== undefined && repaired.end === whole.length && this.readAlone(text, offset, repaired.object) === undefined;
  }

  private placeOf(text: Buffer, offset: number): TextPlace {
    return { offset, line: this.scanner.lineOf(offset), excerpt: excerptOf(text, 0, text.length) };
  }
}

function isEventStart(text: Buffer, at: number): boolean {
  return text[at] === Byte.OpenBrace && matchEventStart(text, at, text.length) === 'yes';
}
