/** What is used of asciichart, which has no types of its own. */
declare module 'asciichart' {
  interface Config {
    height?: number;
    min?: number;
    max?: number;
    offset?: number;
    colors?: (string | undefined)[];
    format?: (value: number) => string;
  }
  const asciichart: { plot(series: number[][], config?: Config): string };
  export default asciichart;
}
