// Saves what the camera sees as a JPEG file.

const QUALITY = 0.92; // of pictures that this page makes

/**
 * snapshot downloads one picture and returns the file's name, or '' when there is no
 * picture. It is the camera's own where fresh is wanted and the server has one, and
 * else what the element shows. It lies as the person has turned it.
 */
export async function snapshot(picture, { turn, mirrored, fresh }) {
  let blob = fresh ? await camera() : null;
  if (!blob || turn || mirrored) {
    blob = await drawn(blob ? await createImageBitmap(blob) : picture, turn, mirrored) ?? blob;
  }
  if (!blob) return '';
  const link = document.createElement('a');
  link.download = fileName(new Date());
  link.href = URL.createObjectURL(blob);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000); // a download may begin late
  return link.download;
}

async function camera() {
  try {
    const answer = await fetch(new URL('snapshot', document.baseURI), { cache: 'no-store' });
    return answer.ok && answer.headers.get('Content-Type') === 'image/jpeg' ? await answer.blob() : null;
  } catch {
    return null; // what the element shows has to do
  }
}

function drawn(source, turn, mirrored) {
  const width = source.videoWidth ?? source.width;
  const height = source.videoHeight ?? source.height;
  if (!width || !height) return null;
  const turned = turn % 180 !== 0;
  const canvas = document.createElement('canvas');
  canvas.width = turned ? height : width;
  canvas.height = turned ? width : height;
  const context = canvas.getContext('2d');
  context.translate(canvas.width / 2, canvas.height / 2);
  if (mirrored) context.scale(-1, 1);
  context.rotate(turn * Math.PI / 180);
  context.drawImage(source, -width / 2, -height / 2);
  return new Promise((resolve) => { canvas.toBlob(resolve, 'image/jpeg', QUALITY); });
}

/** fileName sorts by time, and has nothing that a file system minds. */
function fileName(time) {
  const two = (n) => String(n).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  return `pushcam ${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('.')}.jpg`;
}
