package web

import (
	"strconv"
	"strings"
)

// loginWords are those of the form in one language, and of the page for unknown paths.
type loginWords struct {
	Lang, Title, Text, Password, Button, Wrong, Busy string
	Before, After                                    string // around the seconds to wait
	Member, Known, Camera, Leave                     string // for who has logged in
	Empty, Proxy                                     string
	Nowhere, Start                                   string
}

// loginLanguages are by primary tag; English is for everybody else.
var loginLanguages = map[string]loginWords{
	"en": {
		Lang: "en", Title: "Log in", Text: "It takes the password to go on.",
		Password: "Password", Button: "Open", Wrong: "That is not the password.",
		Busy: "There were too many attempts.", Before: "Try again in", After: "s.",
		Member: "Logged in", Known: "You are logged in as", Camera: "To the camera", Leave: "Log out",
		Empty:   "From outside its network nobody can see this camera yet: start pushcam with --viewer-password, whose value pushcam passwd makes.",
		Proxy:   "This request comes through a proxy that pushcam does not know: start it with --trusted-proxy ADDRESS, or with --viewer-password.",
		Nowhere: "There is nothing here", Start: "The camera is on the start page.",
	},
	"zh": {
		Lang: "zh", Title: "登录", Text: "请输入密码以继续。",
		Password: "密码", Button: "进入", Wrong: "密码不正确。",
		Busy: "尝试次数过多。", Before: "请在", After: "秒后重试。",
		Member: "已登录", Known: "当前身份：", Camera: "查看摄像头", Leave: "退出登录",
		Empty:   "目前无法从外部网络观看此摄像头：请用 --viewer-password 启动 pushcam，其值由 pushcam passwd 生成。",
		Proxy:   "此请求经过 pushcam 未知的代理：请用 --trusted-proxy 地址 或 --viewer-password 启动。",
		Nowhere: "这里什么也没有", Start: "摄像头画面在首页。",
	},
}

// loginWordsFor reads Accept-Language (RFC 9110 section 12.5.4): the language
// of greatest weight that there is, of equal ones the first.
func loginWordsFor(accept string) loginWords {
	words, best := loginLanguages["en"], 0.0
	for item := range strings.SplitSeq(accept, ",") {
		tag, parameters, _ := strings.Cut(item, ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64) // 0 where it is none
		}
		if found, ok := loginLanguages[primary]; ok && weight > best {
			words, best = found, weight
		}
	}
	return words
}
