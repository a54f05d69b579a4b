//go:build browser

package states

import _ "embed" // for vivid.json

// vividJSON is what api/v1/controls answers for the kernel's virtual camera, which
// has all there is.
//
//go:embed vivid.json
var vividJSON string

// vivid is a camera with these.
func vivid() string { return "exactly = String.raw`" + vividJSON + "`" }

// controlCases are about buttons, keys and fingers, and the panel of the camera's
// settings.
var controlCases = []pageCase{
	{"turned and mirrored, and remembered", "", []step{
		{"", "live"},
		{"press('r')", "=Math.abs(picture.getBoundingClientRect().width - innerWidth) < 1 && picture.clientWidth === innerHeight"},
		{"press('m')", "=mirror.ariaPressed === 'true' && new DOMMatrix(getComputedStyle(picture).transform).c > 0.9"},
		// What is seen turns clockwise, mirrored or not.
		{"press('r')", "=new DOMMatrix(getComputedStyle(picture).transform).a < -0.9 && new DOMMatrix(getComputedStyle(picture).transform).d > 0.9"},
		{"", `=localStorage.getItem('pushcam.view') === '{"turn":0,"mirrored":true}'`},
	}},
	{"turned the last time", `localStorage.setItem('pushcam.view', '{"turn":270,"mirrored":false}')`, []step{
		{"", "live"},
		{"", "=new DOMMatrix(getComputedStyle(picture).transform).b < -0.9"},
	}},
	{"nonsense remembered", `localStorage.setItem('pushcam.view', '{"turn":"x"}')`, []step{
		{"", "live"},
		{"", "=getComputedStyle(picture).transform === 'none'"},
	}},
	{"zoom by keys, and around", "", []step{
		{"", "live"},
		{"press('ArrowLeft')", "=getComputedStyle(picture).transform === 'none'"},
		{"press('+'); press('+')", "=Math.abs(new DOMMatrix(getComputedStyle(picture).transform).a - 1.5625) < 0.01"},
		{"", "=!unzoom.hidden && unzoom.textContent === '1.6 ×'"},
		{"for (let i = 0; i < 100; i++) press('ArrowDown')", "=Math.abs(picture.getBoundingClientRect().bottom - innerHeight) < 2"},
		{"press('-')", "=Math.abs(new DOMMatrix(getComputedStyle(picture).transform).a - 1.25) < 0.01"},
		{"press('0')", "=unzoom.hidden && getComputedStyle(picture).transform === 'none'"},
	}},
	{"zoom by wheel, at the mouse", "", []step{
		{"", "live"},
		{"for (let i = 0; i < 99; i++) picture.dispatchEvent(new WheelEvent('wheel', { deltaY: -100, bubbles: true, cancelable: true, clientX: 0, clientY: innerHeight / 2 }))",
			"=new DOMMatrix(getComputedStyle(picture).transform).a === 8"},
		{"", "=new DOMMatrix(getComputedStyle(picture).transform).e > innerWidth"},
		{"unzoom.click()", "=getComputedStyle(picture).transform === 'none'"},
	}},
	{"zoom by two fingers, pan by one", "", []step{
		{"", "live"},
		{"finger('down', 1, -50, 0); finger('down', 2, 50, 0); finger('move', 1, -100, 0); finger('move', 2, 100, 0)",
			"=Math.abs(new DOMMatrix(getComputedStyle(picture).transform).a - 2) < 0.01"},
		{"finger('up', 1, 0, 0); window.before = new DOMMatrix(getComputedStyle(picture).transform).e; finger('move', 2, 130, 0)",
			"=Math.abs(new DOMMatrix(getComputedStyle(picture).transform).e - before - 30) < 1"},
		{"finger('up', 2, 0, 0); finger('move', 2, 300, 0)", "=Math.abs(new DOMMatrix(getComputedStyle(picture).transform).e - before - 30) < 1"},
	}},
	{"zoom by a double tap, and back", "", []step{
		{"", "live"},
		{"for (const t of ['down', 'up', 'down', 'up']) finger(t, 1, 0, 0)", "=new DOMMatrix(getComputedStyle(picture).transform).a === 2.5"},
		{"for (const t of ['down', 'up', 'down', 'up']) finger(t, 1, 0, 0)", "=getComputedStyle(picture).transform === 'none'"},
	}},
	{"buttons go when nobody moves, and come back", "const later = setTimeout; setTimeout = (f, ms) => later(f, ms === 3000 ? 300 : ms);", []step{
		{"", "live"},
		{"", "=getComputedStyle(controls).opacity === '0'"},
		{"document.dispatchEvent(new PointerEvent('pointermove', { pointerType: 'mouse' }))", "=getComputedStyle(controls).opacity === '1'"},
		{"", "=getComputedStyle(controls).opacity === '0'"},
		{"press('x')", "=getComputedStyle(controls).opacity === '1'"},
		{"", "=getComputedStyle(controls).opacity === '0'"},
	}},
	{"picture in picture", smallWindow, []step{
		{"", "live"},
		{"press('p')", "=small === picture && pip.ariaPressed === 'true'"},
		{"press('p')", "=small === null && pip.ariaPressed === 'false'"},
	}},
	{"a picture saved, the camera's own", "photo = true", []step{
		{"", "live"},
		{"press('s')", `=saved.length === 1 && saved[0].width === 400 && saved[0].type === 'image/jpeg'`},
		{"", `=/^pushcam \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.jpg$/.test(saved[0].name)`},
		{"", `=document.getElementById('notice').textContent === 'Saved as ' + saved[0].name`},
		{"press('r'); press('s')", "=saved.length === 2 && saved[1].width === 200 && saved[1].height === 400"},
	}},
	{"a picture saved that the server does not make", "", []step{
		{"", "live"},
		{"press('s')", "=saved.length === 1 && saved[0].width === 320 && saved[0].height === 240"},
	}},
	{"a picture saved in a pause is the one on the screen", "photo = true", []step{
		{"", "live"},
		{"press(' ')", "paused"},
		{"press('s')", "=saved.length === 1 && saved[0].width === 320"},
	}},
	{"quality", "", []step{
		{"", "live"},
		{"", "=document.getElementById('quality').innerText.includes('Auto · 240p')"},
		{"", "=document.getElementById('quality').ariaLabel === 'Quality: 320 × 240 now' && document.getElementById('quality').value === 'auto'"},
		{"const list = document.getElementById('quality'); list.value = 'half'; list.dispatchEvent(new Event('change'))",
			"=sent.some((m) => m.type === 'quality' && m.rendition === 'half')"},
		{"sockets[0].say({ type: 'stats', rendition: 'half', choice: 'half', choices: [{ rendition: 'full', width: 320, height: 240 }, { rendition: 'half', width: 160, height: 120 }] })",
			"=document.getElementById('quality').value === 'half' && document.getElementById('quality').ariaLabel === 'Quality: 160 × 120 now'"},
		{"sockets[0].say({ type: 'stats', rendition: 'full', choice: 'auto', choices: [{ rendition: 'full', width: 320, height: 240 }] })", "=document.getElementById('quality').hidden"},
	}},
	{"settings", someSettings, []step{
		{"", "live"},
		{"document.getElementById('show-settings').click()", "=document.querySelectorAll('.setting').length === 6 && document.activeElement.id === 'settings'"},
		{"", "=document.getElementById('show-settings').ariaExpanded === 'true'"},
		{"slide('brightness', 20)", "=patches.length === 1 && patches[0].set.brightness === 20"},
		{"", "=settings[0].value === 20 && document.querySelector('.setting output').textContent === '20' && !document.querySelector('.setting .kept').hidden"},
		{"document.querySelector('.setting .plain').click()", "=patches.length === 2 && patches[1].default[0] === 'brightness' && document.getElementById('setting-brightness').value === '0'"},
		{"document.getElementById('setting-focus_automatic_continuous').click()", "=patches.at(-1).set?.focus_automatic_continuous === 1"},
		{"slide('power_line_frequency', 2)", "=patches.at(-1).set?.power_line_frequency === 2"},
		{"document.getElementById('setting-calibrate').click()", "=patches.at(-1).set?.calibrate === 1"},
		{"", "=document.getElementById('setting-focus_absolute').disabled && document.getElementById('setting-focus_absolute-why').textContent.startsWith('Another setting')"},
		{"document.getElementById('reset-settings').click()", "=patches.at(-1).reset === true"},
		{"document.getElementById('settings').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))",
			"=document.getElementById('settings').hidden && document.getElementById('show-settings').ariaExpanded === 'false'"},
	}},
	{"a slider dragged while the server is slow", someSettings, []step{
		{"", "live"},
		{"document.getElementById('show-settings').click()", "=document.querySelectorAll('.setting').length === 6"},
		{"hold = new Promise((resolve) => { window.go = resolve; }); for (const v of [1, 2, 3, 4, 5]) slide('brightness', v)", "=patches.length === 1"},
		{"go()", "=settings[0].value === 5 && document.querySelector('.setting output').textContent === '5'"},
		{"", "=patches.length === 2 && patches[0].set.brightness === 1"},
	}},
	{"settings that others change, one of them in somebody's hand", someSettings, []step{
		{"", "live"},
		{"document.getElementById('show-settings').click()", "=document.querySelectorAll('.setting').length === 6"},
		{"window.mine = document.getElementById('setting-brightness'); mine.value = 7; mine.dispatchEvent(new Event('input'))", "=patches.length === 1"},
		{"Object.assign(settings[0], { value: 50 }); Object.assign(settings[1], { value: 1 }); Object.assign(settings[2], { inactive: false, max: 300 })",
			"=document.getElementById('setting-focus_automatic_continuous').checked && document.getElementById('setting-focus_absolute').max === '300'"},
		{"", "=!document.getElementById('setting-focus_absolute').disabled && mine.isConnected && mine.value === '7'"},
		{"mine.dispatchEvent(new Event('change'))", "=mine.value === '50' && patches.length === 1"},
		{"settings = settings.slice(1)", "=document.querySelectorAll('.setting').length === 5 && !mine.isConnected"},
	}},
	{"settings of all kinds", vivid(), []step{
		{"", "live"},
		{"document.getElementById('show-settings').click()", "=document.querySelectorAll('.setting').length === 62"},
		{"", "=document.querySelectorAll('.setting.off').length === 5"},
		{"slide('integer_64_bits', '-9223372036854775807')", "=patches.at(-1)?.set.integer_64_bits === '-9223372036854775807'"},
		{"", "=document.getElementById('setting-integer_64_bits').min === '-9223372036854775808'"},
		{"slide('integer_32_bits', 2147483647)", "=patches.at(-1).set.integer_32_bits === 2147483647"},
		{"", "=document.getElementById('setting-bitmask').value === '0x80002000'"},
		{"slide('bitmask', '0x80400000')", "=patches.at(-1).set.bitmask === 0x80400000"},
		// What is none is not sent, and what is so comes back.
		{"slide('bitmask', '8'); slide('integer_32_bits', ''); slide('integer_32_bits', 2147483648)",
			"=document.getElementById('setting-bitmask').value === '0x80002000' && document.getElementById('setting-integer_32_bits').value === '0'"},
		{"slide('menu', 4)", "=patches.length === 4 && patches.at(-1).set.menu === 4"},
	}},
	{"settings that the camera refuses", someSettings, []step{
		{"", "live"},
		{"document.getElementById('show-settings').click()", "=document.querySelectorAll('.setting').length === 6"},
		{"problem = { status: 422, title: 'not set', errors: { brightness: 'as the server says' } }; slide('brightness', 9)",
			"=document.querySelector('.setting .error').textContent === 'as the server says'"},
		{"problem = { status: 503, detail: 'no camera' }; slide('brightness', 8)", "=document.getElementById('settings-note').textContent === 'no camera'"},
		{"", "=document.getElementById('setting-brightness').value === '0' && document.getElementById('settings-note').textContent === 'no camera'"},
		{"problem = null; slide('brightness', 7)", "=settings[0].value === 7 && document.getElementById('settings-note').textContent === ''"},
	}},
	{"settings for who may only look", someSettings + "; role = 'viewer'", []step{
		{"", "live"},
		{"document.getElementById('show-settings').click()", "=document.querySelectorAll('.setting').length === 6"},
		{"", "=[...document.querySelectorAll('.setting :is(input, select, .button)')].every((field) => field.disabled)"},
		{"", "=document.getElementById('settings-note').textContent === 'Only operators may change these. Log in'"},
	}},
	{"settings where nobody may", someSettings + "; role = 'viewer'; login = false", []step{
		{"", "live"},
		{"document.getElementById('show-settings').click()", "=document.getElementById('settings-note').textContent.includes('--password')"},
	}},
	{"a way out for who has logged in", "session = true", []step{
		{"", "live"},
		{"more.click()", "=!logout.hidden && logout.offsetParent && logout.ariaLabel === 'Log out'"},
		{"leave.addEventListener('submit', (event) => { event.preventDefault(); window.left = leave.method + ' ' + leave.action; }); logout.click()",
			"=left === 'post ' + location.origin + '/logout'"},
	}},
	{"none for others", "", []step{{"", "live"}, {"", "=logout.hidden"}}},
	{"MJPEG in every way that a video can be", hurry + "act = 'blocked'; mjpeg = true;" + smallWindow, []step{
		{"", "live/mjpeg"},
		{"press('r')", "=Math.abs(fallback.getBoundingClientRect().width - innerWidth) < 1 && fallback.clientWidth === innerHeight"},
		{"press('m'); press('r')", "=new DOMMatrix(getComputedStyle(fallback).transform).a < -0.9 && new DOMMatrix(getComputedStyle(fallback).transform).d > 0.9"},
		{"press('+')", "=Math.abs(new DOMMatrix(getComputedStyle(fallback).transform).d - 1.25) < 0.01"},
		{"fallback.dispatchEvent(new WheelEvent('wheel', { deltaY: 999, bubbles: true, cancelable: true }))", "=unzoom.hidden"},
		{"press('m'); press('r'); press('s')", "=saved.length === 1 && saved[0].width === 240 && saved[0].height === 320"},
		{"press('p')", "=small && small !== picture && small.videoWidth === 320 && pip.ariaPressed === 'true'"},
		{"window.film = small; act = 'live'", "live"},
		{"", "=small === picture && pip.ariaPressed === 'true' && film.srcObject === null"},
		{"press('p')", "=small === null && pip.ariaPressed === 'false'"},
	}},
	{"a player in another page", embed + smallWindow, []step{
		{"", "live"},
		{"", "=[...document.querySelectorAll('main :is(button, select, a)')].filter((e) => e.offsetParent).map((e) => e.id).join() === 'play,pip,fullscreen'"},
		{"for (const key of 'srmi?') press(key)", "=!help.open && info.hidden && getComputedStyle(picture).transform === 'none' && saved.length === 0"},
		{"picture.dispatchEvent(window.turn = new WheelEvent('wheel', { deltaY: -100, bubbles: true, cancelable: true }))", "=!turn.defaultPrevented && unzoom.hidden"},
		{"picture.dispatchEvent(window.turn = new WheelEvent('wheel', { deltaY: -100, bubbles: true, cancelable: true, ctrlKey: true }))", "=turn.defaultPrevented && !unzoom.hidden"},
		{"", "=getComputedStyle(picture).touchAction === 'none'"},
		{"press('0')", "=unzoom.hidden"},
		{"", "=getComputedStyle(picture).touchAction === 'pan-x pan-y'"}, // one finger scrolls the page around it
		{"press('p')", "=small === picture"},
		{"press(' ')", "paused/user"},
		{"", "=!performance.getEntriesByType('resource').some(({ name }) => /settings|statistics|snapshot/.test(name))"},
	}},
	{"a camera without settings", "", []step{
		{"", "live"},
		{"document.getElementById('show-settings').click()", "=document.getElementById('settings-note').textContent === 'This camera has no settings to change.'"},
	}},
}

// embed has the page be the one that others put into a frame.
const embed = "history.replaceState(null, '', 'embed');"

// smallWindow has picture in picture done by this page: window.small is what it shows.
const smallWindow = `window.small = null;
	Object.defineProperty(document, 'pictureInPictureEnabled', { value: true });
	Object.defineProperty(document, 'pictureInPictureElement', { get: () => small });
	document.exitPictureInPicture = async () => {
		small?.dispatchEvent(new Event('leavepictureinpicture'));
		small = null;
	};
	HTMLVideoElement.prototype.requestPictureInPicture = async function () {
		await document.exitPictureInPicture();
		small = this;
		this.dispatchEvent(new Event('enterpictureinpicture'));
	};`

// someSettings are of each type.
const someSettings = `settings = [
	{ key: 'brightness', name: 'Brightness', type: 'integer', min: -64, max: 64, step: 1, default: 0, value: 0 },
	{ key: 'focus_automatic_continuous', name: 'Focus, Automatic Continuous', type: 'boolean', min: 0, max: 1, step: 1, default: 1, value: 0 },
	{ key: 'focus_absolute', name: 'Focus, Absolute', type: 'integer', min: 0, max: 250, step: 5, default: 0, value: 0, inactive: true },
	{ key: 'power_line_frequency', name: 'Power Line Frequency', type: 'menu', min: 0, max: 2, default: 1, value: 1,
		menu: [{ value: 0, name: 'Disabled' }, { value: 1, name: '50 Hz' }, { value: 2, name: '60 Hz' }] },
	{ key: 'calibrate', name: 'Calibrate', type: 'button', min: 0, max: 0, step: 0, default: 0, value: 0 },
	{ key: 'led', name: 'LED', type: 'bitmask', min: 0, max: 255, step: 0, default: 0, value: 3 },
]`
