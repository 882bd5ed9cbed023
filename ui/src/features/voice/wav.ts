/** Recordings as every recogniser reads them: WAV, 16 bits, one channel of 16 kHz, 32,000 bytes a second. */

const RATE = 16_000;
const HEADER_BYTES = 44;
const ENDINGS: Readonly<Record<string, string>> = {
  "audio/mp4": "m4a",
  "audio/ogg": "ogg",
  "audio/webm": "webm",
};

/** The recording as WAV; as it is, where the browser cannot read what it wrote. */
export async function asWav(recording: Blob): Promise<{ file: Blob; name: string }> {
  try {
    const sound = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(await recording.arrayBuffer());
    const channels = Array.from({ length: sound.numberOfChannels }, (_, number) =>
      sound.getChannelData(number),
    );
    return { file: new Blob([wavOf(channels)], { type: "audio/wav" }), name: "speech.wav" };
  } catch {
    const ending = ENDINGS[recording.type.split(";")[0] ?? ""] ?? "webm";
    return { file: recording, name: `speech.${ending}` };
  }
}

/** @param channels of the same length, each sample from -1 to 1. */
export function wavOf(channels: readonly Float32Array[]): ArrayBuffer {
  const length = channels[0]?.length ?? 0;
  const buffer = new ArrayBuffer(HEADER_BYTES + 2 * length);
  const view = new DataView(buffer);
  const words = (at: number, text: string): void => {
    for (let index = 0; index < text.length; index += 1) view.setUint8(at + index, text.charCodeAt(index));
  };
  words(0, "RIFF");
  view.setUint32(4, buffer.byteLength - 8, true);
  words(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // plain samples
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, 2 * RATE, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  words(36, "data");
  view.setUint32(40, 2 * length, true);
  for (let index = 0; index < length; index += 1) {
    const sum = channels.reduce((total, channel) => total + (channel[index] ?? 0), 0);
    const sample = Math.max(-1, Math.min(1, sum / channels.length));
    view.setInt16(HEADER_BYTES + 2 * index, Math.round(sample * 0x7fff), true);
  }
  return buffer;
}
