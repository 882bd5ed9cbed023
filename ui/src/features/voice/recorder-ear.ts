/** Listens with the microphone itself, and has the server's recogniser write down what it recorded. */
import { ApiError } from "@/core/api";

import type { Ear, Hears, Listen } from "./ear";
import { VoiceError } from "./ear";
import { asWav } from "./wav";

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const LEVEL_EVERY_MS = 80;
/** Speech is far from the loudest that a microphone can tell. */
const LOUD = 0.25;

type Transcribe = (sound: Blob, name: string, signal: AbortSignal) => Promise<string>;

export function recorderEar(transcribe: Transcribe, maxBytes: number): Listen {
  return async (hears) => {
    const stream = await microphone();
    const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
    const recorder = new MediaRecorder(stream, type === undefined ? {} : { mimeType: type });
    const pieces: Blob[] = [];
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    const over = new Promise<void>((resolve) => {
      recorder.addEventListener("stop", () => resolve());
      recorder.addEventListener("error", () => resolve());
    });
    // The microphone was pulled out.
    stream.getAudioTracks()[0]?.addEventListener("ended", () => hears.ended());
    const stopMeter = meter(stream, hears);
    recorder.start(1000);

    function rest(): void {
      stopMeter();
      if (recorder.state !== "inactive") recorder.stop();
      for (const track of stream.getTracks()) track.stop();
    }

    return earOf({
      rest,
      recorded: async () => {
        rest();
        await over;
        return new Blob(pieces, { type: recorder.mimeType });
      },
      transcribe,
      maxBytes,
    });
  };
}

interface Deps {
  readonly rest: () => void;
  readonly recorded: () => Promise<Blob>;
  readonly transcribe: Transcribe;
  readonly maxBytes: number;
}

function earOf({ rest, recorded, transcribe, maxBytes }: Deps): Ear {
  const leaving = new AbortController();
  let sound: Promise<{ file: Blob; name: string }> | null = null;
  return {
    keepsSound: true,
    async stop() {
      sound ??= recorded().then(asWav);
      const { file, name } = await sound;
      if (file.size > maxBytes) throw new VoiceError("tooLong");
      try {
        return (await transcribe(file, name, leaving.signal)).trim();
      } catch (error) {
        throw troubleOf(error);
      }
    },
    cancel() {
      rest();
      leaving.abort();
    },
  };
}

function troubleOf(error: unknown): VoiceError {
  if (!(error instanceof ApiError) || error.status === 0) return new VoiceError("network");
  return error.status === 413 ? new VoiceError("tooLong") : new VoiceError("failed", error.message);
}

async function microphone(): Promise<MediaStream> {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    if (name === "NotAllowedError" || name === "SecurityError") throw new VoiceError("refused");
    if (name === "NotFoundError" || name === "OverconstrainedError") throw new VoiceError("noMicrophone");
    throw new VoiceError("busy");
  }
}

/** Tells how loud it is until the function that it gives is called. */
function meter(stream: MediaStream, hears: Hears): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    hears.level(Math.min(1, Math.sqrt(power) / LOUD));
  }, LEVEL_EVERY_MS);
  return () => {
    clearInterval(timer);
    if (context.state !== "closed") void context.close();
  };
}
