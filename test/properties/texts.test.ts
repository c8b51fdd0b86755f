import { shutdownExecutors } from 'offloop';
import { echoInProcess, echoInThread, echoTextsInProcess, echoTextsInThread } from './services';

afterAll(() => shutdownExecutors());

const alphabets = {
  'of ASCII': 'abcdefghijklmnopqrstuvwxyz',
  'of one byte': 'äöüß\u00ff\u0000',
  'of two bytes': '日本語Ω€',
  'with halves of pairs': 'a\ud83d\ude00\ud83d\ude00\udc00',
};
/** Where codes change: short strings, whole words, what is posted, what a record holds, with one byte and with two. */
const lengths = [
  0, 1, 2, 3, 4, 5, 8, 9, 10, 99, 100, 101, 102, 255, 1_000, 4_095, 8_185, 8_190, 8_191, 8_192, 16_379,
  16_380, 16_381, 16_384, 16_385, 32_750, 32_768, 40_000, 65_500, 65_520, 65_536, 66_000,
];

const textOf = (alphabet: string, length: number): string =>
  alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);

const texts = Object.values(alphabets).flatMap((alphabet) =>
  lengths.map((length) => textOf(alphabet, length)),
);

describe.each([
  ['threads', echoInThread, echoTextsInThread],
  ['processes', echoInProcess, echoTextsInProcess],
])('texts of any length and alphabet come back as they were, %s', (_, echo, echoTexts) => {
  it('one at a time', async () => {
    for (const text of texts) expect((await echo([text])) as unknown).toEqual([text]);
  });

  it('as arguments and results themselves, many at once', async () => {
    const calls = Array.from({ length: 6 }, () => texts).flat();
    const results = await Promise.all(calls.map((text, index) => echoTexts(text, index, textOf('x', index))));
    expect(results.map(([text, index]) => ({ text, index }))).toEqual(
      calls.map((text, index) => ({ text, index })),
    );
    expect(results.every(([, index, tail]) => tail.length === index)).toBe(true);
    expect(await Promise.all(calls.map(async (text) => (await echoTexts(text))[0]))).toEqual(calls);
  });

  it('in objects, behind each other', async () => {
    for (const alphabet of Object.values(alphabets)) {
      const value = {
        [textOf(alphabet, 120)]: 1,
        short: textOf(alphabet, 7),
        long: textOf(alphabet, 333),
        list: [textOf(alphabet, 101), 5, textOf(alphabet, 2_001), null, textOf(alphabet, 100)],
      };
      for (let time = 0; time < 4; time++)
        expect((await echo([value, time])) as unknown).toEqual([value, time]);
    }
  });
});
