/**
 * One WebSocket to the gateway that comes back by itself.
 *
 * It carries frames and knows nothing of conversations. What could not be sent is not kept here: who sends a message
 * keeps it, and decides after a reconnect whether it has to go out again.
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 10_000;

export interface Listener {
  onOpen(): void;
  onFrame(data: string): void;
  /** The connection is gone; the next attempt starts in `retryInMs`. */
  onClose(retryInMs: number): void;
  /** Asked before each reconnect; false ends the attempts (nobody is signed in any more). */
  mayReconnect(): Promise<boolean>;
}

/** Exponential backoff with full jitter above one half, so that a restarted gateway is not met by everyone at once. */
export function backoff(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (ceiling / 2) * random;
}

export class ChatSocket {
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #wanted = false;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
  ) {}

  /** Connect, and stay connected until `stop`. */
  start(): void {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#attempt = 0;
    this.#connect();
  }

  /** Close for good. */
  stop(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#socket = null;
  }

  /** Try at once in place of waiting; without effect when connected. */
  hurry(): void {
    if (!this.#wanted || this.#socket !== null) return;
    clearTimeout(this.#timer);
    void this.#reconnect();
  }

  /** Send a frame; false when there is no open connection, and nothing was sent. */
  send(frame: unknown): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect(): void {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    const tooSlow = setTimeout(() => socket.close(), CONNECT_TIMEOUT_MS);
    socket.onopen = () => {
      clearTimeout(tooSlow);
      this.#attempt = 0;
      this.listener.onOpen();
    };
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (typeof message.data === "string") this.listener.onFrame(message.data);
    };
    socket.onclose = () => {
      clearTimeout(tooSlow);
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (this.#wanted) this.#wait();
    };
  }

  #wait(): void {
    const delay = backoff(this.#attempt, Math.random());
    this.#attempt += 1;
    this.#timer = setTimeout(() => void this.#reconnect(), delay);
    this.listener.onClose(delay);
  }

  async #reconnect(): Promise<void> {
    const attempt = this.#attempt;
    const allowed = await this.listener.mayReconnect();
    if (!this.#wanted || this.#socket !== null || attempt !== this.#attempt) return;
    if (allowed) this.#connect();
    else this.stop();
  }
}
