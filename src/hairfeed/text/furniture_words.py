"""The words round an article, by language: bylines, credits, calls to the reader, page notices, and the names of news agencies."""

# ruff: noqa: RUF001 - letters that look alike are what these tables are about

from collections.abc import Iterable

from hairfeed.text.date_words import BYLINE_WORDS, any_of, fold

# Language: what stands before a colon, and what follows it is no prose.
_LABELS = {
    "en": "by | words | words by | story | story by | text | author | authors | writer | editor | written by | reviewed by"
    " | medically reviewed by | edited by | fact checked by | photo | photos | photo by | photo credit | photograph"
    " | photography | image | images | image by | image credit | image source | picture | pictures | picture credit"
    " | illustration | credit | credits | caption | source | sources | category | categories | tags | topics"
    " | filed under | posted in | related | related articles | see also | read also | also read | read more | read next"
    " | watch | listen | reading time | estimated reading time | share",
    "de": "von | text | autor | autorin | redaktion | geschrieben von | foto | fotos | bild | bilder | bildquelle"
    " | bildnachweis | bildrechte | quelle | quellen | lesezeit | lesen sie auch | lies auch | mehr zum thema | kategorie"
    " | schlagwörter",
    "fr": "par | texte | auteur | rédigé par | photo | photos | crédit photo | crédit | crédits | image | source | sources"
    " | temps de lecture | lire aussi | à lire aussi | voir aussi | catégorie | mots-clés",
    "es": "por | texto | autor | autora | escrito por | foto | fotos | fotografía | imagen | crédito | fuente | fuentes"
    " | tiempo de lectura | lectura | lea también | lee también | te puede interesar | leer más | categoría | etiquetas",
    "pt": "por | texto | autor | autora | escrito por | foto | fotos | imagem | crédito | fonte | fontes | tempo de leitura"
    " | leia também | leia mais | veja também | categoria",
    "it": "di | testo | autore | autrice | a cura di | scritto da | foto | immagine | credit | fonte | fonti | tempo di lettura"
    " | leggi anche | leggi di più | categoria",
    "nl": "door | tekst | auteur | geschreven door | foto | foto's | beeld | bron | bronnen | leestijd | lees ook | lees meer",
    "pl": "tekst | autor | autorka | opracowanie | foto | fot | fot. | zdjęcie | zdjęcia | źródło | źródła | czas czytania"
    " | czytaj też | czytaj także | czytaj więcej | zobacz też",
    "cs": "text | autor | autorka | foto | zdroj | doba čtení | čtěte také | čtěte více",
    "ru": "автор | авторы | текст | фото | фотография | источник | источники | время чтения | читайте также | читать далее"
    " | редактор",
    "uk": "автор | текст | фото | джерело | час читання | читайте також",
    "sv": "av | text | foto | bild | källa | källor | lästid | läs också | läs mer",
    "da": "af | tekst | foto | kilde | læsetid | læs også",
    "fi": "teksti | kuva | kuvat | lähde | lue myös",
    "tr": "yazan | yazar | haber | fotoğraf | foto | kaynak | okuma süresi | ayrıca okuyun | devamını oku",
    "el": "γράφει | κείμενο | συντάκτης | φωτογραφία | φωτό | πηγή | διαβάστε επίσης | χρόνος ανάγνωσης",
    "ar": "بقلم | كتب | كتبت | تحرير | المصدر | مصدر | الصورة | صورة | تصوير | مدة القراءة | وقت القراءة | اقرأ أيضا | اقرأ أيضًا",
    "he": "מאת | כתב | כתבה | צילום | מקור | זמן קריאה | קראו גם | קרא גם",
    "ja": "文 | 文・写真 | 文と写真 | 取材・文 | 執筆 | 監修 | 編集 | 写真 | 撮影 | 画像 | 出典 | 提供 | 関連記事",
    "zh": "文 | 图 | 圖 | 作者 | 记者 | 編輯 | 编辑 | 责任编辑 | 来源 | 來源 | 图源 | 图片来源 | 圖片來源 | 摄影 | 攝影"
    " | 阅读时间 | 延伸阅读",
    "ko": "글 | 글·사진 | 사진 | 출처 | 자료 | 기자 | 관련기사",
}
# Language: how a line begins that asks for something, or says something of the page.
_CALLS = {
    "en": "share this | share on | share via | follow us | subscribe to | subscribe now | subscribe here | sign up for"
    " | sign up to | sign up now | click here | read more | continue reading | loading... | editor's note | editors' note"
    " | disclosure: | disclaimer: | correction: | clarification: | this article originally appeared"
    " | this story originally appeared | this article was originally | image courtesy of | images courtesy of"
    " | photo courtesy of | photos courtesy of | please enable javascript | your browser does not support | we may earn"
    " | all rights reserved",
    "de": "abonnieren sie | jetzt abonnieren | jetzt newsletter | newsletter abonnieren | folgen sie uns | folge uns"
    " | hier klicken | anzeige: | alle rechte vorbehalten | dieser artikel erschien zuerst",
    "fr": "abonnez-vous | inscrivez-vous | suivez-nous | partagez cet | cliquez ici | tous droits réservés | article réservé",
    "es": "suscríbete | suscríbase | síguenos | comparte este | comparte esta | haz clic aquí | todos los derechos",
    "pt": "assine nossa | assine a | inscreva-se | siga-nos | clique aqui | todos os direitos",
    "it": "iscriviti | seguici | condividi questo | clicca qui | tutti i diritti | riproduzione riservata",
    "nl": "schrijf je in | abonneer je | volg ons | klik hier | deel dit",
    "pl": "zapisz się | subskrybuj | śledź nas | kliknij tutaj | wszelkie prawa",
    "cs": "přihlaste se k odběru | sledujte nás | všechna práva",
    "ru": "подпишитесь на | подписывайтесь на | следите за нами | все права защищены",
    "sv": "prenumerera på | följ oss | klicka här",
    "tr": "bültenimize | abone olun | bizi takip | tüm hakları",
    "ar": "اشترك في نشرتنا | تابعونا | جميع الحقوق",
    "he": "הירשמו ל | עקבו אחרינו | כל הזכויות שמורות",
    "ja": "メルマガ | フォローして | 無断転載",
    "zh": "点击上方 | 關注我們 | 关注我们 | 点击查看 | 订阅我们 | 版权所有",
    "ko": "뉴스레터 | 무단전재 | 무단 전재 | 저작권자",
}
# How a page begins that speaks of its cookies, and of what it earns.
_COOKIE_OPENINGS = (
    "we use | we and our | our site | our website | this site | this website | this page | by using | by continuing"
    " | wir verwenden | wir nutzen | diese website | diese webseite | diese seite | unsere website | ce site"
    " | nous utilisons | nous et nos | notre site | este sitio | este site | utilizamos | usamos | nuestro sitio"
    " | questo sito | utilizziamo | usiamo | deze website | deze site | wij gebruiken | we gebruiken | ta strona"
    " | ten serwis | używamy | на этом сайте | этот сайт | мы используем | vi använder | denna webbplats | bu site"
    " | sitemizde | tento web | používáme | 当サイト | このサイト | 本网站 | 本網站 | 我们使用 | 이 사이트 | 본 사이트"
)
_EARNING_OPENINGS = (
    "this article | this post | this page | dieser artikel | dieser beitrag | cet article | este artículo | este artigo"
    " | questo articolo | dit artikel"
)
# Whole lines: buttons, menus and headings of lists.
_BARE = (
    "share | print | tweet | email | save | related | advertisement | sponsored | sponsored content | comments | contents"
    " | table of contents | in this article | introduction | overview | listen to this article | facebook | twitter"
    " | whatsapp | anzeige | werbung | teilen | drucken | merken | kommentare | inhalt | inhaltsverzeichnis | publicité"
    " | partager | imprimer | commentaires | sommaire | publicidad | compartir | imprimir | comentarios | índice"
    " | publicidade | compartilhar | pubblicità | condividi | stampa | commenti | indice | advertentie | delen | reacties"
    " | inhoud | inhoudsopgave | reklama | udostępnij | komentarze | spis treści | sdílet | obsah | реклама | поделиться"
    " | комментарии | содержание | оглавление | annons | dela | kommentarer | innehåll | reklam | paylaş | yorumlar"
    " | içindekiler | διαφήμιση | 広告 | スポンサーリンク | 目次 | シェア | コメント | 関連記事 | 广告 | 廣告 | 目录"
    " | 目錄 | 分享 | 评论 | إعلان | شارك | مشاركة | تعليقات | المحتويات | פרסומת | שתפו | תגובות | תוכן עניינים | 광고"
    " | 공유 | 댓글 | 목차"
)
# How a line begins that is no sentence: a button, a signpost, a credit without its colon.
_SIGNPOSTS = (
    "article continues below | story continues below | skip advertisement | scroll to continue | listen to this | listen ·"
    " | leave a comment | jump to | key takeaways | image source | getty images | accept all cookies | related articles"
    " | home > | home » | symbolbild | artikel teilen | artikel anhören | auf facebook teilen | das wichtigste in kürze"
    " | mehr zum thema | lesen sie auch | partager sur | partager l'article | écouter l'article | lire la suite | compartir en"
    " | tabla de contenidos | escuchar el artículo | leer más | compartilhe no | ouvir notícia | leia mais | condividi su"
    " | ascolta l'articolo | leggi di più | lees meer | czytaj więcej | поделиться в | читать далее | dela artikeln | läs mer"
    " | devamını oku | シェアする | ツイート | あわせて読みたい | 続きを読む | 文・写真 | 本报记者 | 记者 | 相关阅读 | 分享到"
    " | 阅读约 | 글·사진 | 관련기사 | 더 보기"
)
# Before the name of who wrote it, beside the one words that stand there.
_BYLINES = (
    "by | fot. | words by | story by | written by | reviewed by | medically reviewed by | edited by | fact checked by"
    " | fact-checked by | photo by | ein beitrag von | ein gastbeitrag von | geschrieben von | medizinisch geprüft von"
    " | rédigé par | écrit par | propos recueillis par | escrito por | revisado por | scritto da | a cura di"
    " | geschreven door | γράφει η | γράφει ο | γράφει | του | της | מאת | بقلم"
)
# As news agencies sign.
_AGENCIES = (
    "reuters | reuters health | ap | associated press | afp | upi | cnn | cnn español | bloomberg | xinhua | ians | pti"
    " | ani | kyodo | jiji | yonhap | tass | pr newswire | prnewswire | business wire | globe newswire | newswire"
    " | pa media | aap | dpa | tmn | afx | sid | kna | epd | ots | apa | sda | awp | ats | belga | anp | efe"
    " | europa press | ep | notimex | télam | lusa | folhapress | agência brasil | estadão conteúdo | ansa | agi"
    " | adnkronos | askanews | lapresse | agence ecofin | pap | ctk | čtk | tasr | sita | mti | hina | tanjug | tt"
    " | direkt | ritzau | ntb | stt | aa | dha | iha | anka | αμπε | απε-μπε | μπε | риа новости | тасс | интерфакс"
    " | interfax.ru | interfax | рейтер | укринформ | رويترز | أ ف ب | ا ف ب | أف ب | د ب أ | واس | وام | רויטרס | איי פי"
    " | ロイター | 共同 | 時事 | 新华社 | 中新社 | 中央社"
)
# Small words within the names of people and places.
_PARTICLES = (
    "a | al | am | an | and | as | at | da | das | de | del | della | den | der | di | do | dos | e | el | en | et | i"
    " | im | in | la | las | le | les | los | m | md | o | og | och | of | on | op | ou | phd | sur | the | und | van"
    " | vom | von | y | z | za"
)

# In capitals before a dash, no places: the author's own words for what follows.
_SIGNALS = (
    "warning | caution | danger | note | please note | notice | important | attention | tip | fact | myth | question | answer"
    " | update | updated | breaking | exclusive | correction | faq | q | achtung | warnung | hinweis | wichtig | vorsicht | tipp"
    " | frage | antwort | nachtrag | avertissement | remarque | conseil | mise à jour | advertencia | aviso | nota | importante"
    " | cuidado | consejo | actualización | attenzione | avvertenza | avviso | atenção | dica | let op | waarschuwing | uwaga"
    " | внимание | важно | varning | obs | dikkat | uyarı"
)


def _phrases(line: str) -> list[str]:
    return [fold(phrase.strip()) for phrase in line.split("|")]


def _either(lines: Iterable[str]) -> str:
    return any_of(phrase for line in lines for phrase in _phrases(line))


# Patterns for folded lines, the longest phrase first.
LABELS = _either(_LABELS.values())
CALLS = _either(_CALLS.values())
COOKIE_OPENINGS = _either([_COOKIE_OPENINGS])
EARNING_OPENINGS = _either([_EARNING_OPENINGS])
SIGNPOSTS = _either([_SIGNPOSTS])
BYLINES = any_of([*BYLINE_WORDS, *_phrases(_BYLINES)])
# Where no space ends a word, a call goes right on.
UNSPACED_CALLS = _either(_CALLS[language] for language in ("ja", "zh", "ko"))
BARE_LINES = frozenset(_phrases(_BARE))
AGENCIES = frozenset(_phrases(_AGENCIES))
SIGNALS = frozenset(_phrases(_SIGNALS))
PARTICLES = frozenset(_phrases(_PARTICLES))
