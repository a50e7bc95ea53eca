"""The words in which dates are printed, by language, and how they are looked up whatever their case and accents.

The names of months and weekdays are those of the Unicode CLDR 47 (format and stand-alone forms) with usual shortenings added.
"""

# ruff: noqa: RUF001 - letters that look alike are what these tables are about

import re
import unicodedata
from collections.abc import Iterable, Mapping

# Letters with a stroke or without a dot have no decomposition in Unicode; the apostrophes are one to a reader.
_PLAIN_LETTERS = str.maketrans("ıøłđ’ʼ`", "iold'''")
# Wide letters; and the digits of Arabic, Persian, Hindi and Thai, each script's from its zero.
_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    zero + digit: ord("0") + digit for zero in (0x660, 0x6F0, 0x966, 0xE50) for digit in range(10)
}

# Language: twelve groups, each with every form of one month's name.
_MONTHS = {
    "en": "January Jan | February Feb | March Mar | April Apr | May | June Jun | July Jul | August Aug | September Sept Sep"
    " | October Oct | November Nov | December Dec",
    "de": "Januar Jan Jänner Jän Jaenner | Februar Feb Feber | März Mär Mrz Maerz | April Apr | Mai | Juni Jun | Juli Jul"
    " | August Aug | September Sept Sep | Oktober Okt | November Nov | Dezember Dez",
    "fr": "janvier janv jan | février févr fév | mars | avril avr | mai | juin | juillet juil | août | septembre sept"
    " | octobre oct | novembre nov | décembre déc",
    "es": "enero ene | febrero feb | marzo mar | abril abr | mayo may | junio jun | julio jul | agosto ago"
    " | septiembre setiembre sept sep set | octubre oct | noviembre nov | diciembre dic",
    "it": "gennaio gen genn | febbraio feb febbr | marzo mar | aprile apr | maggio mag magg | giugno giu | luglio lug | agosto ago"
    " | settembre set sett | ottobre ott | novembre nov | dicembre dic",
    "pt": "janeiro jan | fevereiro fev | março mar | abril abr | maio mai | junho jun | julho jul | agosto ago | setembro set"
    " | outubro out | novembro nov | dezembro dez",
    "nl": "januari jan | februari feb febr | maart mrt | april apr | mei | juni jun | juli jul | augustus aug | september sept sep"
    " | oktober okt | november nov | december dec",
    "pl": "styczeń stycznia sty | luty lutego lut | marzec marca mar | kwiecień kwietnia kwi | maj maja | czerwiec czerwca cze"
    " | lipiec lipca lip | sierpień sierpnia sie | wrzesień września wrz | październik października paź"
    " | listopad listopada lis | grudzień grudnia gru",
    "cs": "leden ledna led | únor února úno | březen března bře | duben dubna dub | květen května kvě | červen června čvn"
    " | červenec července čvc | srpen srpna srp | září zář | říjen října říj | listopad listopadu lis | prosinec prosince pro",
    "ru": "январь января янв | февраль февраля февр фев | март марта мар | апрель апреля апр | май мая | июнь июня июн"
    " | июль июля июл | август августа авг | сентябрь сентября сент сен | октябрь октября окт | ноябрь ноября нояб ноя"
    " | декабрь декабря дек",
    "uk": "січень січня січ | лютий лютого лют | березень березня бер | квітень квітня квіт | травень травня трав"
    " | червень червня черв | липень липня лип | серпень серпня серп | вересень вересня вер | жовтень жовтня жовт"
    " | листопад листопада лист | грудень грудня груд",
    "sv": "januari jan | februari feb febr | mars mar | april apr | maj | juni jun | juli jul | augusti aug | september sept sep"
    " | oktober okt | november nov | december dec",
    "da": "januar jan | februar feb febr | marts mar | april apr | maj | juni jun | juli jul | august aug | september sept sep"
    " | oktober okt | november nov | december dec",
    "nb": "januar jan | februar feb febr | mars mar | april apr | mai | juni jun | juli jul | august aug | september sept sep"
    " | oktober okt | november nov | desember des",
    "fi": "tammikuu tammikuuta tammi | helmikuu helmikuuta helmi | maaliskuu maaliskuuta maalis | huhtikuu huhtikuuta huhti"
    " | toukokuu toukokuuta touko | kesäkuu kesäkuuta kesä | heinäkuu heinäkuuta heinä | elokuu elokuuta elo"
    " | syyskuu syyskuuta syys | lokakuu lokakuuta loka | marraskuu marraskuuta marras | joulukuu joulukuuta joulu",
    "tr": "Ocak Oca | Şubat Şub | Mart Mar | Nisan Nis | Mayıs May | Haziran Haz | Temmuz Tem | Ağustos Ağu | Eylül Eyl | Ekim Eki"
    " | Kasım Kas | Aralık Ara",
    "el": "Ιανουάριος Ιανουαρίου Ιαν | Φεβρουάριος Φεβρουαρίου Φεβ | Μάρτιος Μαρτίου Μαρ | Απρίλιος Απριλίου Απρ | Μάιος Μαΐου Μαΐ"
    " | Ιούνιος Ιουνίου Ιουν | Ιούλιος Ιουλίου Ιουλ | Αύγουστος Αυγούστου Αυγ | Σεπτέμβριος Σεπτεμβρίου Σεπ Σεπτ"
    " | Οκτώβριος Οκτωβρίου Οκτ | Νοέμβριος Νοεμβρίου Νοε | Δεκέμβριος Δεκεμβρίου Δεκ",
    "id": "Januari Jan | Februari Feb | Maret Mar | April Apr | Mei | Juni Jun | Juli Jul | Agustus Agu Agt | September Sep"
    " | Oktober Okt | November Nov | Desember Des",
    "hr": "siječanj siječnja sij | veljača veljače velj | ožujak ožujka ožu | travanj travnja tra | svibanj svibnja svi"
    " | lipanj lipnja lip | srpanj srpnja srp | kolovoz kolovoza kol | rujan rujna ruj | listopad listopada lis"
    " | studeni studenoga studenog stu | prosinac prosinca pro",
    "hu": "január jan | február febr feb | március márc | április ápr | május máj | június jún | július júl | augusztus aug"
    " | szeptember szept | október okt | november nov | december dec",
    "lt": "sausis sausio saus | vasaris vasario vas | kovas kovo kov | balandis balandžio bal | gegužė gegužės geg"
    " | birželis birželio birž | liepa liepos liep | rugpjūtis rugpjūčio rugp | rugsėjis rugsėjo rugs | spalis spalio spal"
    " | lapkritis lapkričio lapkr | gruodis gruodžio gruod",
    "ro": "ianuarie ian | februarie feb | martie mar | aprilie apr | mai | iunie iun | iulie iul | august aug | septembrie sept"
    " | octombrie oct | noiembrie noi nov | decembrie dec",
    "ca": "gener gen | febrer febr | març | abril abr | maig | juny | juliol | agost ag"
    " | setembre set | octubre oct | novembre nov"
    " | desembre des",
    "ar": "يناير كانون_الثاني | فبراير شباط | مارس آذار | أبريل إبريل نيسان | مايو أيار | يونيو حزيران | يوليو تموز | أغسطس آب"
    " | سبتمبر أيلول | أكتوبر تشرين_الأول | نوفمبر تشرين_الثاني | ديسمبر كانون_الأول",
    "he": "ינואר בינואר | פברואר בפברואר | מרץ במרץ מרס במרס | אפריל באפריל | מאי במאי | יוני ביוני | יולי ביולי | אוגוסט באוגוסט"
    " | ספטמבר בספטמבר | אוקטובר באוקטובר | נובמבר בנובמבר | דצמבר בדצמבר",
    "th": "มกราคม ม.ค | กุมภาพันธ์ ก.พ | มีนาคม มี.ค | เมษายน เม.ย | พฤษภาคม พ.ค | มิถุนายน มิ.ย | กรกฎาคม ก.ค | สิงหาคม ส.ค"
    " | กันยายน ก.ย | ตุลาคม ต.ค | พฤศจิกายน พ.ย | ธันวาคม ธ.ค",
    "hi": "जनवरी | फ़रवरी | मार्च | अप्रैल | मई | जून | जुलाई | अगस्त | सितंबर सितम्बर | अक्टूबर अक्तूबर | नवंबर नवम्बर | दिसंबर दिसम्बर",
}

# Language: seven groups from Monday. Swedish and Danish "on" (Wednesday) is left out: it opens many an English line.
_WEEKDAYS = {
    "en": "Monday Mon | Tuesday Tues Tue | Wednesday Weds Wed | Thursday Thurs Thur Thu | Friday Fri | Saturday Sat | Sunday Sun",
    "de": "Montag Mo | Dienstag Di | Mittwoch Mi | Donnerstag Do | Freitag Fr | Samstag Sonnabend Sa | Sonntag So",
    "fr": "lundi lun | mardi mar | mercredi mer | jeudi jeu | vendredi ven | samedi sam | dimanche dim",
    "es": "lunes lun | martes mar | miércoles mié | jueves jue | viernes vie | sábado sáb | domingo dom",
    "it": "lunedì lun | martedì mar | mercoledì mer | giovedì gio | venerdì ven | sabato sab | domenica dom",
    "pt": "segunda-feira segunda seg | terça-feira terça ter | quarta-feira quarta qua | quinta-feira quinta qui"
    " | sexta-feira sexta sex | sábado sáb | domingo dom",
    "nl": "maandag ma | dinsdag di | woensdag wo | donderdag do | vrijdag vr | zaterdag za | zondag zo",
    "pl": "poniedziałek pon pn | wtorek wt | środa środę śr | czwartek czw | piątek pt | sobota sobotę sob | niedziela"
    " niedzielę niedz",
    "cs": "pondělí po | úterý út | středa středu st | čtvrtek čt | pátek pá | sobota sobotu so | neděle neděli ne",
    "ru": "понедельник пн | вторник вт | среда среду ср | четверг чт | пятница пятницу пт | суббота субботу сб | воскресенье вс",
    "uk": "понеділок пн | вівторок вт | середа середу ср | четвер чт | п'ятниця п'ятницю пт | субота суботу сб | неділя неділю нд",
    "sv": "måndag mån | tisdag tis | onsdag ons | torsdag tors | fredag fre | lördag lör | söndag sön",
    "da": "mandag man | tirsdag tirs | onsdag ons | torsdag tors | fredag fre | lørdag lør | søndag søn",
    "nb": "mandag man | tirsdag tir | onsdag ons | torsdag tor | fredag fre | lørdag lør | søndag søn",
    "fi": "maanantai maanantaina ma | tiistai tiistaina ti | keskiviikko keskiviikkona ke | torstai torstaina to"
    " | perjantai perjantaina pe | lauantai lauantaina la | sunnuntai sunnuntaina su",
    "tr": "Pazartesi Pzt | Salı Sal | Çarşamba Çar | Perşembe Per | Cuma Cum | Cumartesi Cmt | Pazar Paz",
    "el": "Δευτέρα Δευ | Τρίτη Τρι | Τετάρτη Τετ | Πέμπτη Πεμ | Παρασκευή Παρ | Σάββατο Σαβ | Κυριακή Κυρ",
    "id": "Senin Sen | Selasa Sel | Rabu Rab | Kamis Kam | Jumat Jum'at Jum | Sabtu Sab | Minggu Min",
    "hr": "ponedjeljak pon | utorak uto | srijeda srijedu sri | četvrtak čet | petak pet | subota subotu sub"
    " | nedjelja nedjelju ned",
    "hu": "hétfő | kedd | szerda sze | csütörtök csüt | péntek pén | szombat szo | vasárnap vas",
    "lt": "pirmadienis | antradienis | trečiadienis | ketvirtadienis | penktadienis | šeštadienis | sekmadienis",
    "ja": "月曜日 月曜 月 | 火曜日 火曜 火 | 水曜日 水曜 水 | 木曜日 木曜 木 | 金曜日 金曜 金 | 土曜日 土曜 土 | 日曜日 日曜 日",
    "zh": "星期一 周一 週一 | 星期二 周二 週二 | 星期三 周三 週三 | 星期四 周四 週四 | 星期五 周五 週五 | 星期六 周六 週六"
    " | 星期日 星期天 周日 週日",
    "ro": "luni | marți | miercuri | joi | vineri | sâmbătă | duminică",
    "ar": "الاثنين الإثنين | الثلاثاء | الأربعاء | الخميس | الجمعة | السبت | الأحد",
    "he": "יום_שני | יום_שלישי | יום_רביעי | יום_חמישי | יום_שישי | שבת יום_שבת | יום_ראשון",
    "th": "วันจันทร์ วันจันทร์ที่ | วันอังคาร วันอังคารที่ | วันพุธ วันพุธที่ | วันพฤหัสบดี วันพฤหัสบดีที่ | วันศุกร์ วันศุกร์ที่ | วันเสาร์ วันเสาร์ที่ | วันอาทิตย์ วันอาทิตย์ที่",
    "hi": "सोमवार | मंगलवार | बुधवार | गुरुवार | शुक्रवार | शनिवार | रविवार",
    "vi": "thứ_hai | thứ_ba | thứ_tư | thứ_năm | thứ_sáu | thứ_bảy | chủ_nhật",
    "ko": "월요일 월 | 화요일 화 | 수요일 수 | 목요일 목 | 금요일 금 | 토요일 토 | 일요일 일",
}

_PUBLISHED = (
    "published | first published | originally published | date published | publish date | publication date | pub date | pubdate"
    " | posted | originally posted | first posted | date posted | posted date | date | dated | written | created | date created"
    " | veröffentlicht | erstmals veröffentlicht | veröffentlichungsdatum | publiziert | erschienen | erstellt | geschrieben"
    " | gepostet | datum"
    " | publié | publiée | mis en ligne | mise en ligne | posté | paru | écrit | date de publication"
    " | publicado | publicada | fecha de publicación | fecha | escrito"
    " | pubblicato | pubblicata | data di pubblicazione | data | scritto"
    " | postado | postada | data de publicação"
    " | gepubliceerd | geplaatst | publicatiedatum"
    " | opublikowano | opublikowany | data publikacji | data dodania | dodano"
    " | publikováno | zveřejněno | vydáno | datum vydání"
    " | опубликовано | опубликована | опубликован | дата публикации | дата | размещено | добавлено"
    " | опубліковано | дата публікації | додано"
    " | publicerad | publicerat | publicerades | publiceringsdatum"
    " | publiceret | offentliggjort | udgivet | dato | publisert | publiseringsdato"
    " | julkaistu | julkaisupäivä | päivämäärä"
    " | yayın tarihi | yayınlanma | yayımlanma | yayınlanma tarihi | yayımlanma tarihi | tarih"
    " | δημοσιεύτηκε | δημοσιεύθηκε | δημοσίευση | ημερομηνία δημοσίευσης | ημερομηνία"
    " | diterbitkan | dipublikasikan | diposting | tanggal terbit | tanggal"
    " | objavljeno | közzétéve | megjelent | paskelbta"
    " | 公開日 | 投稿日 | 掲載日 | 発行日 | 公開 | 发布时间 | 发布日期 | 发布于 | 发表于 | 發佈於 | 發表於 | 日期"
    " | 게시일 | 작성일 | 등록일 | 발행일 | 입력 | 기사입력 | 승인"
    " | publicat | publicat la | نشر | نشر في | تاريخ النشر | פורסם | תאריך פרסום | เผยแพร่ | เผยแพร่เมื่อ | วันที่"
)
_UPDATED = (
    "updated | last updated | date updated | modified | last modified | date modified | revised | last revised"
    " | edited | last edited | reviewed | last reviewed | medically reviewed | corrected"
    " | aktualisiert | zuletzt aktualisiert | geändert | zuletzt geändert | bearbeitet | zuletzt bearbeitet | letzte aktualisierung"
    " | letzte änderung | aktualisierungsdatum | änderungsdatum | stand"
    " | mis à jour | mise à jour | dernière mise à jour | modifié | modifiée | dernière modification | actualisé"
    " | actualizado | actualizada | última actualización | fecha de actualización | modificado | última modificación"
    " | aggiornato | aggiornata | ultimo aggiornamento | ultima modifica | data di aggiornamento | modificato"
    " | atualizado | atualizada | última atualização | data de atualização"
    " | bijgewerkt | laatst bijgewerkt | gewijzigd | laatst gewijzigd | laatste wijziging"
    " | zaktualizowano | aktualizacja | ostatnia aktualizacja | data aktualizacji"
    " | aktualizováno | aktualizace | poslední aktualizace | upraveno"
    " | обновлено | обновлена | дата обновления | последнее обновление | изменено"
    " | оновлено | дата оновлення | востаннє оновлено"
    " | uppdaterad | uppdaterat | uppdaterades | senast uppdaterad | senast ändrad"
    " | opdateret | sidst opdateret | oppdatert | sist oppdatert | endret | sist endret"
    " | päivitetty | viimeksi päivitetty | muokattu"
    " | güncelleme | son güncelleme | güncelleme tarihi | güncellenme tarihi"
    " | ενημερώθηκε | ενημέρωση | τελευταία ενημέρωση"
    " | diperbarui | terakhir diperbarui | diubah"
    " | ažurirano | frissítve | atnaujinta"
    " | 更新日 | 最終更新日 | 最終更新 | 更新 | 更新时间 | 更新日期 | 更新于 | 更新於"
    " | 最后更新 | 수정일 | 수정 | 최종수정 | 업데이트"
    " | actualizat | ultima actualizare | تحديث | آخر تحديث | تم التحديث | עודכן | עדכון אחרון"
    " | อัปเดต | อัพเดท | แก้ไขล่าสุด | ปรับปรุงล่าสุด"
)

_BY = "by von par por di door af av oleh przez autor autorka autore auteur author автор от від από yazan written_by"

_TODAY = (
    "today heute aujourd'hui hoy oggi hoje vandaag dziś dzisiaj dnes сегодня сьогодні idag i_dag tänään bugün σήμερα hari_ini danas"
    " šiandien azi 今日 今天 오늘 اليوم היום วันนี้ आज"
)
_YESTERDAY = (
    "yesterday gestern hier ayer ieri ontem gisteren wczoraj včera вчера вчора igår i_går eilen dün χθες χτες kemarin jučer tegnap"
    " vakar ieri 昨日 昨天 어제 أمس אתמול เมื่อวานนี้ เมื่อวาน"
)
_BEFORE_YESTERDAY = (
    "vorgestern avant-hier anteayer anteontem eergisteren przedwczoraj předevčírem позавчера 一昨日 おととい 前天 그저께"
)
_BEFORE_COUNT = "منذ לפני vor il_y_a hace há před πριν_από πριν för for prije prieš"
_AFTER_COUNT = "ago fa atrás geleden temu назад тому sedan siden sitten önce πριν yang_lalu lalu ezelőtt 前 전 ที่แล้ว"

# A unit's words, in the cases in which they follow a number.
_UNITS = {
    "minute": "minute minutes min mins Minuten minuto minutos minuti minuut minuten minutę minuty minut minutu минуту минуты минут"
    " хвилину хвилини хвилин minuter minutt minutter minuutti minuuttia dakika λεπτό λεπτά"
    " menit minuta 分 分钟 分鐘 분 دقيقة دقائق דקה דקות นาที",
    "hour": "hour hours hr hrs h Stunde Stunden heure heures hora horas ora ore uur uren godzinę godziny godzin hodinu hodiny hodin"
    " hodinou hodinami час часа часов годину години годин timme timmar time timer tunti tuntia saat ώρα ώρες jam sat sata sati"
    " 時間 小时 小時 시간 ساعة ساعات שעה שעות ชั่วโมง",
    "day": "day days d Tag Tage Tagen jour jours día días giorno giorni dia dias dag dagen dage dager dagar"
    " dzień dni den dny dnů dnem день дня дней дні днів päivä päivää gün ημέρα ημέρες μέρα"
    " μέρες hari dan dana 日 天 일 يوم أيام יום ימים วัน",
    "week": "week weeks w Woche Wochen semaine semaines semana semanas settimana settimane weken tydzień tygodnie tygodni"
    " týden týdny týdnů týdnem неделю недели недель тиждень тижні тижнів vecka veckor uge uger uke uker viikko viikkoa hafta"
    " εβδομάδα εβδομάδες"
    " minggu tjedan tjedna 週間 周 週 주",
    "month": "month months Monat Monate Monaten mois mes meses mese mesi mês maand maanden miesiąc miesiące miesięcy"
    " měsíc měsíce měsíců měsícem месяц месяца месяцев місяць місяці місяців månad månader måned måneder kuukausi kuukautta"
    " ay μήνα μήνες bulan"
    " ヶ月 か月 个月 個月 개월",
    "year": "year years Jahr Jahre Jahren an ans année années año años anno anni ano anos jaar rok lata lat roky let rokem"
    " год года лет рік роки років år vuosi vuotta yıl sene χρόνο χρόνια tahun 年 년",
}
_ONE = "a an one ein einem einer eine un une una um uma een en et ett egy"

# What may stand between a label or a weekday and the day, before a time, after an hour and after a year.
_ARTICLES = "the den der le el il am vom on op em pada στις στη στην dne w_dniu il_giorno el_día v ve в во у يوم ngày"
_AT = (
    "at @ um à a_las a_la a alle_ore alle ore as às om o_godz. o_godz godz. godz o v ve в о об kl. kl klockan klo kello saat"
    " στις pukul jam"
)
_O_CLOCK = "uhr uur hr hrs h час часа часов ч год"
_OF_THE_YEAR = "года году г року р roku r"

_LANGUAGE_ALIASES = {"no": "nb", "nn": "nb"}


def fold(text: str) -> str:
    """`text` in lower case and without accents, so that AOÛT, août and aout are one; wide letters and all digits become ASCII."""
    if text.isascii():
        return text.lower().replace("`", "'")
    apart = unicodedata.normalize("NFD", text.translate(_TO_ASCII).casefold())
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare).translate(_PLAIN_LETTERS)


def known_language(tag: str) -> str:
    """The primary language of a BCP 47 tag, as the tables here call it: `pt-BR` is `pt`, `nn` is `nb`."""
    primary = tag.replace("_", "-").partition("-")[0].lower()
    return _LANGUAGE_ALIASES.get(primary, primary)


def _words(line: str) -> list[str]:
    return [fold(word.replace("_", " ")) for word in line.split()]


def _phrases(line: str) -> tuple[str, ...]:
    return tuple(fold(phrase.strip()) for phrase in line.split("|"))


def _months_by_name() -> dict[str, dict[str, int]]:
    names: dict[str, dict[str, int]] = {}
    for language, groups in _MONTHS.items():
        for month, group in enumerate(groups.split("|"), 1):
            for name in _words(group):
                names.setdefault(name, {})[language] = month
    return names


def _weekdays_by_name() -> dict[str, frozenset[int]]:
    names: dict[str, frozenset[int]] = {}
    for groups in _WEEKDAYS.values():
        for weekday, group in enumerate(groups.split("|")):
            for name in _words(group):
                names[name] = names.get(name, frozenset()) | {weekday}
    return names


def _by_word(lines: Mapping[str, str]) -> dict[str, str]:
    return {word: key for key, line in lines.items() for word in _words(line)}


def any_of(words: Iterable[str]) -> str:
    """A pattern that matches each of `words` as it stands, the longest that it can."""
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word))))


# Folded name: the month's number (1 to 12) in each language that has the name.
MONTHS_BY_NAME: Mapping[str, Mapping[str, int]] = _months_by_name()
# Folded name: the days of the week (0 is Monday) that it can be, "mar" being one in French and another month in English.
WEEKDAYS_BY_NAME: Mapping[str, frozenset[int]] = _weekdays_by_name()
PUBLISHED_LABELS = _phrases(_PUBLISHED)
UPDATED_LABELS = _phrases(_UPDATED)
BYLINE_WORDS = tuple(_words(_BY))
# Folded word: how many days before the day of writing.
DAY_WORDS: Mapping[str, int] = {
    word: days for days, line in enumerate((_TODAY, _YESTERDAY, _BEFORE_YESTERDAY)) for word in _words(line)
}
BEFORE_COUNT = tuple(_words(_BEFORE_COUNT))
AFTER_COUNT = tuple(_words(_AFTER_COUNT))
UNITS_BY_WORD: Mapping[str, str] = _by_word(_UNITS)
ONE_WORDS = frozenset(_words(_ONE))
ARTICLES = tuple(_words(_ARTICLES))
AT_WORDS = tuple(_words(_AT))
O_CLOCK_WORDS = tuple(_words(_O_CLOCK))
YEAR_MARKS = tuple(_words(_OF_THE_YEAR))
