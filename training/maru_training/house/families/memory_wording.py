"""What a fact about the person is made of, and the sentences that carry any fact.

Templates are those of `phrasing.py`; `{c}` stands for a clause that tells a fact, `{q}` for a direct
question, `{e}` for an embedded one, `{n}` for the noun, `{v}` for the value, `{a}` for the value with
its article, `{o}` for a value told before. A template in a `held_out` list is never trained on.
"""

from dataclasses import dataclass
from typing import Final

from maru_training.house.families.base import Language, Split


@dataclass(frozen=True, slots=True)
class Phrasings:
    """Templates of one purpose, those to train on and those kept back."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]

    def of(self, split: Split) -> tuple[str, ...]:
        """Templates of a split."""
        return self.train if split == "train" else self.held_out


@dataclass(frozen=True, slots=True)
class Attribute:
    """One fact a person may tell, in one language.

    Attributes:
        kind: what `values.value` draws.
        noun: the fact's name, as in "your {noun}"; also its label in a list of facts.
        reply: the sentence that gives the value back.
        tells: clauses in the first person.
        asks: direct questions without their question mark.
        embedded: indirect questions, as after "do you remember".
    """

    kind: str
    noun: str
    reply: str
    tells: Phrasings
    asks: Phrasings
    embedded: Phrasings

    @property
    def label(self) -> str:
        """The fact's name as it opens a line of a list."""
        return self.noun[:1].upper() + self.noun[1:]


@dataclass(frozen=True, slots=True)
class Frame:
    """Sentences of a language that carry any fact."""

    telling: Phrasings
    joining: Phrasings
    correcting: Phrasings
    correcting_at_once: Phrasings
    asking: Phrasings
    asking_embedded: Phrasings
    asking_noun: Phrasings
    asking_two: Phrasings
    asking_all: Phrasings
    heard: tuple[str, ...]
    corrected: str
    untold: str
    nothing_told: str


FRAMES: Final[dict[Language, Frame]] = {
    "en": Frame(
        telling=Phrasings(
            train=(
                "{c}[.|.|.||!]",
                "{c}[.|.|!]",
                "[just so you know|for your information|by the way|fyi|as an aside|also|oh|well|ok|so], {c}.",
                "[you should know|you might want to know|I should mention|I must say|I have to say] [that |]{c}.",
                "[remember|please remember|keep in mind|please note|don't forget|note] [that |]{c}.",
                "{c}[.|,|;] [remember that|please remember it|don't forget it|keep it in mind|please note it].",
                "I [want|would like|need] you to [remember|know|note] that {c}.",
                "let me tell you [something|one thing|a fact] about me: {c}.",
                "[here is something about me|a fact about me|fun fact|for later|note to self|about me|new fact]: {c}.",
                "did you know [that |]{c}?",
                "{c}, [ok|okay|alright|all right|got it|understood|you know|by the way]?",
                "I will [ask|test|quiz] you later[:|.] {c}.",
                "[write this down|save this|store this in your memory|listen|listen carefully]: {c}.",
                "[hi|hello|hey|good morning|good evening|hi there|hello there|hey there][,|!] {c}.",
                "[nice to meet you|good to see you|pleased to meet you][,|!|.] {c}.",
                "[I guess I never said it, but|in case it matters,|in case you wonder,|to introduce myself:] {c}.",
                "{c}. [Can you remember that|Will you remember that|Got that|Is that clear]?",
                "{c}. [I will ask you about it later|This will be important|That matters to me|Just saying].",
            ),
            held_out=(
                "one thing you ought to know is that {c}.",
                "let me share a detail: {c}.",
                "[thanks for having me|glad to be here]. {c}.",
                "{c}. [Keep this for later|Hold on to that].",
            ),
        ),
        joining=Phrasings(
            train=(
                "{c} and {d}.",
                "{c}, and {d}.",
                "{c}. {d}.",
                "{c}. Also, {d}.",
                "[hi|hello|hey][,|!] {c} and {d}.",
                "two things: {c}, and {d}.",
                "remember two facts: {c} and {d}.",
                "{c}; {d}.",
                "{c}, {d}.",
                "not only that {c}, but also {d}.",
                "by the way, {c}, and by the way, {d}.",
                "please remember that {c} and that {d}.",
            ),
            held_out=("{c}. Besides, {d}.", "let me introduce myself. {c}, and {d}.", "{c}, plus {d}."),
        ),
        correcting=Phrasings(
            train=(
                "actually[,|] {c}.",
                "actually[,|] {c}, not {o}.",
                "[sorry|oops|wait|no|hmm], [that was wrong|I was wrong|I made a mistake|my mistake]: {c}.",
                "[correction|update|a correction|small correction]: {c}[.|, not {o}.]",
                "my {n} is not {o}[,| but| anymore, it is| any more but] {v}.",
                "I was wrong about my {n}[.|:] [it is|it's] {v}.",
                "please change my {n} [from {o} |]to {v}.",
                "[forget what I said|scratch that|never mind what I said][.|,|:] {c}.",
                "I made a mistake about my {n}, it is {v}[.|, not {o}.]",
                "about my {n}: [it is|it's|I meant|make that] {v}[.|, not {o}.]",
                "I [have to|need to|must] correct my {n}: it is {v}.",
                "my {n} has changed[,|:|.] [it is|it's|it is now|now it's] {v}.",
                "[I misspoke|I said it wrong|I typed it wrong], {c}.",
                "I lied[,|.|:] {c}.",
                "it turns out [that |]{c}.",
                "now {c}.",
                "my {n} is {v} now.",
                "instead of {o}, my {n} is {v}.",
            ),
            held_out=(
                "I got my {n} wrong before. It is {v}.",
                "let me fix my {n}: it is {v}, not {o}.",
                "I told you my {n} wrongly: it is {v}.",
            ),
        ),
        correcting_at_once=Phrasings(
            train=(
                "actually[,|] [it's|it is|make that|make it] {v}.",
                "[sorry|oops|wait|no], I [meant|mean] {v}[.|, not {o}.]",
                "no, [it's|it is] {v}[.|, not {o}.]",
                "[not {o}|not that], [it's|it is] {v}.",
                "I meant to [say|write] {v}.",
                "that was a typo, it is {v}.",
                "{v}, not {o}.",
                "{v}, I mean.",
                "wait, no. {v}.",
                "oh sorry, [it's|it is|that should be] {v}.",
            ),
            held_out=("hold on, it should be {v}.", "apologies, I wanted to say {v}, not {o}."),
        ),
        asking=Phrasings(
            train=(
                "{q}?",
                "{q}?",
                "{q}",
                "{q} again?",
                "[so|and|ok|now|well|hey|hm|please][,|] {q}?",
                "[quiz|test|memory test|quick question|question|a question]: {q}?",
                "[tell me|answer this|let me ask][:|,] {q}?",
                "[let's see if you remember|do you remember|do you still know|can you remember][:|,] {q}?",
                "I [forgot|can't remember|have forgotten|don't remember][.|:|,] {q}?",
                "{q}, [please|by the way|do you know|do you remember|if you remember]?",
                "[earlier I told you something|I told you before|I said it before][.|:|,] {q}?",
                "[a question about me|about me|back to me][.|:] {q}?",
                "[now a test of your memory|time to test you][.|:] {q}?",
            ),
            held_out=("one more thing, {q}?", "[let me check your memory|I am curious]: {q}?", "remember me? {q}?"),
        ),
        asking_embedded=Phrasings(
            train=(
                "do you [remember|know|recall|still remember|still know|happen to know] {e}?",
                "[tell me|say|repeat|please tell me|please say|just tell me] {e}[.||, please.]",
                "[can|could|will|would] you [please |][tell me|say|repeat|remind me] {e}?",
                "[remind me|please remind me] {e}.",
                "I [forgot|forget|have forgotten|can't remember|don't recall] {e}[.|. Do you know?|. Help me.]",
                "I [wonder|want to know|would like to know|'d like to hear] {e}.",
                "have you [noted|remembered|kept in mind|memorised] {e}?",
                "[are you able to|can you] [recall|remember] {e}?",
                "I [told|already told] you {e}, [remember|didn't I|right]?",
                "did you [note|remember|catch|get] {e}?",
            ),
            held_out=(
                "would you happen to recall {e}?",
                "I would be glad if you told me {e}.",
                "please let me know {e}.",
            ),
        ),
        asking_noun=Phrasings(
            train=(
                "my {n}?",
                "and my {n}?",
                "[what|how] about my {n}?",
                "my {n} [is what|was what|is|was]?",
                "[tell me|say|repeat|give me|name|please tell me] my {n}.",
                "do you [remember|know|recall|still know] my {n}?",
                "[can|could] you [tell me|repeat|remember|recall|give me|say] my {n}[, please|]?",
                "remind me of my {n}.",
                "I forgot my {n}[.|, what is it?|. Can you tell me?]",
                "what did I [say|tell you|write] about my {n}?",
                "which {n} did I [mention|give|tell you|say]?",
                "what {n} did I [mention|give|tell you|say|have]?",
                "I [told|gave] you my {n}[, what was it?|. What is it?|, do you remember?]",
                "my {n}, please.",
                "what do you know about my {n}?",
                "what have you noted as my {n}?",
            ),
            held_out=(
                "I can't think of my {n}, can you help?",
                "are you able to tell me my {n}?",
                "what would you say is my {n}?",
            ),
        ),
        asking_two=Phrasings(
            train=(
                "{q} and {r}?",
                "{q}, and {r}?",
                "{q}? And {r}?",
                "{q}? {r}?",
                "tell me two things: {q}, and {r}?",
                "two questions: {q} and {r}?",
                "I forgot two things. {q} and {r}?",
                "what are my {n} and my {m}?",
                "tell me my {n} and my {m}.",
                "do you remember my {n} and my {m}?",
                "my {n} and {m}?",
                "what is my {n} and what is my {m}?",
            ),
            held_out=("please give me both: my {n} and my {m}.", "{q}, and also {r}?"),
        ),
        asking_all=Phrasings(
            train=(
                "what do you [know|remember|recall] about me?",
                "what have I [told|said to] you about [me|myself]?",
                "tell me [everything|all|what] you know about me.",
                "what did I tell you about [me|myself]?",
                "[list|repeat|say|tell me] [what I told you|everything I told you|all I told you] about me.",
                "what [facts|things] do you [know|remember] about me?",
                "do you remember what I told you about [me|myself]?",
                "summarise what you know about me.",
                "sum up what I told you about me.",
                "who am I and what do you know about me?",
                "[everything|all] you know about me, please.",
                "what [have you learned|did you learn] about me?",
                "describe me.",
            ),
            held_out=("could you recap what you know about me?", "what have I shared with you about myself?"),
        ),
        heard=("Got it. {r}", "Thanks, I will remember that. {r}"),
        corrected="Corrected. {r}",
        untold="You have not told me your {n} yet.",
        nothing_told="You have not told me anything about yourself yet.",
    ),
    "ko": Frame(
        telling=Phrasings(
            train=(
                "{c}[.|.|.||!]",
                "{c}[.|.|!|~]",
                "[참고로|그런데|아 참|있잖아|근데|음|아|사실|자|저기|그리고|아무튼][,|] {c}.",
                "[안녕|안녕하세요|반가워|반갑습니다|하이|좋은 아침이야|처음 뵙겠습니다][.|!|,] {c}.",
                "{c}. [기억해 줘|기억해|꼭 기억해 줘|기억해 주세요|잊지 마|잊지 말아 줘|외워 둬|적어 둬|메모해 둬|알아 둬].",
                "[기억해 줘|기억해 주세요|잘 들어|이거 기억해|메모해 줘|저장해 줘|알아 둬|적어 줘][.|:|!] {c}.",
                "[하나 알려 줄게|내 소개를 할게|나에 대해 말해 줄게|말 안 했던가|내 얘기 하나 할게|알려 드릴게요][.|,|:|?] {c}.",
                "{c}. [알겠지|알았지|알겠어|기억할 수 있지|기억할 수 있어]?",
                "[나에 대한 사실|내 정보|자기소개|나중을 위해|새로운 사실]: {c}.",
                "{c}. [나중에 물어볼게|중요한 거야|나중에 다시 물어볼 거야|그냥 알아 두라고|꼭이야].",
                "나중에 물어볼 테니까 기억해. {c}.",
                "[너한테|네게|마루야,] 말해 두는데 {c}.",
                "[혹시 모르니까|궁금할까 봐|말이 나온 김에|다시 말하지만] {c}.",
            ),
            held_out=(
                "[한 가지 말해 둘게|이건 꼭 알아 둬]. {c}.",
                "만나서 반가워. {c}.",
                "{c}. [머릿속에 넣어 둬|이따가 또 물어볼게].",
            ),
        ),
        joining=Phrasings(
            train=(
                "{c}. {d}.",
                "{c}. 그리고 {d}.",
                "{c}, {d}.",
                "[안녕|안녕하세요][.|!|,] {c}. {d}.",
                "두 가지 말할게. {c}. 그리고 {d}.",
                "{c}. 또 {d}.",
                "{c}. 참고로 {d}.",
                "{c}. {d}. [기억해 줘|둘 다 기억해 줘].",
                "자기소개 할게. {c}. {d}.",
                "{c}! {d}!",
                "{c} 그리고 {d}",
            ),
            held_out=("{c}. 게다가 {d}.", "내 소개를 하자면, {c}. 그리고 {d}."),
        ),
        correcting=Phrasings(
            train=(
                "사실 {c}.",
                "[아니|아|앗|미안|아 미안|잠깐][,|] [잘못 말했어|틀렸어|실수했어|헷갈렸어][.|,] {c}.",
                "[정정할게|수정할게|고칠게|바로잡을게|다시 말할게][.|:] {c}.",
                "내 {n:은/는} {o:이/가} 아니라 {v:이야/야}.",
                "제 {n:은/는} {o:이/가} 아니라 {v:이에요/예요}.",
                "내 {n:을/를} {v:으로/로} 바꿔 줘.",
                "내 {n:이/가} 바뀌었어[.|,] 이제 {v:이야/야}.",
                "이제 {c}.",
                "아까 말한 건 잊어. {c}.",
                "아까 [거짓말했어|잘못 말했어|틀리게 말했어][.|,] {c}.",
                "{o:이/가} 아니야. {c}.",
                "{o:은/는} 틀렸어. {c}.",
                "내 {n:을/를} 잘못 말했어. {v:이야/야}.",
                "정정: {c}.",
                "생각해 보니 {c}.",
                "알고 보니 {c}.",
                "미안한데 {o} 말고 {v:이야/야}. 내 {n} 말이야.",
            ),
            held_out=("내 {n:을/를} 고쳐 줘. {v:이야/야}.", "아까는 착각했어. {c}.", "내 {n} 말인데, {v:이/가} 맞아."),
        ),
        correcting_at_once=Phrasings(
            train=(
                "[아니|아|앗|미안|잠깐|아니다][,|] {v:이야/야}.",
                "{o:이/가} 아니라 {v:이야/야}.",
                "{o} 말고 {v:이야/야}.",
                "아니, {v:이라고/라고} 말하려고 했어.",
                "오타야. {v:이야/야}.",
                "미안해요, {v:이에요/예요}.",
                "아니에요, {v:이에요/예요}.",
                "다시 말할게. {v:이야/야}.",
                "{v}, {o} 아니고.",
            ),
            held_out=("착각했어, {v:이야/야}.", "잠시만, {v:이/가} 맞아."),
        ),
        asking=Phrasings(
            train=(
                "{q}?",
                "{q}?",
                "{q}",
                "[그럼|그래서|자|이제|근데|그런데|혹시|음|저기][,|] {q}?",
                "[퀴즈|문제|질문|기억력 테스트|테스트]: {q}?",
                "[대답해 봐|말해 봐|맞혀 봐|기억나|기억해|기억하니][.|,|?] {q}?",
                "[까먹었어|잊어버렸어|기억이 안 나|생각이 안 나][.|,] {q}?",
                "[아까 말했잖아|내가 말했지|전에 말했는데|아까 알려 줬는데][.|,] {q}?",
                "{q}? [기억나|기억해|알아|말해 줘|대답해 줘][?|.]",
                "[다시 물을게|하나 물어볼게|내 얘기인데|나에 대한 질문이야][.|,] {q}?",
                "[잘 기억하고 있나 보자|기억하는지 볼게|시험해 볼게][.|,] {q}?",
            ),
            held_out=("하나만 더, {q}?", "[궁금해서 그러는데|확인 좀 할게], {q}?"),
        ),
        asking_embedded=Phrasings(
            train=(
                "{e} [기억해|기억나|알아|알고 있어|기억하니|아니|기억하고 있어|기억해요|아세요]?",
                "{e} [말해 줘|알려 줘|말해 봐|말해|다시 말해 줘|알려 주세요|말해 주세요|대답해 줘].",
                "{e} [말해 줄래|알려 줄래|말해 줄 수 있어|알려 줄 수 있어|다시 말해 줄래|알려 주실래요]?",
                "{e} [까먹었어|잊어버렸어|기억이 안 나|모르겠어][.|. 알려 줘.|. 뭐였지?]",
                "{e} [궁금해|알고 싶어|듣고 싶어].",
                "{e} [적어 놨어|외웠어|들었어]?",
            ),
            held_out=("{e} 아직 기억하고 있지?", "{e} 한번 말해 볼래?"),
        ),
        asking_noun=Phrasings(
            train=(
                "내 {n}?",
                "내 {n:은/는}?",
                "제 {n:은/는}요?",
                "내 {n} [기억해|기억나|알아|뭐야|뭐였지|뭐더라|뭐라고 했지|말해 봐|말해 줘|알려 줘][?|]",
                "내 {n:을/를} [말해 줘|알려 줘|기억해?|알아?|말해 봐|다시 말해 줘|기억하니?]",
                "제 {n:을/를} [말해 주세요|알려 주세요|기억하세요?|아세요?]",
                "내가 [말한|알려 준|얘기한] {n:은/는} [뭐야|뭐였지|뭐지|뭐였어]?",
                "내가 {n:을/를} 뭐라고 [했지|했어|말했지|했더라]?",
                "내 {n:을/를} [까먹었어|잊어버렸어][.|. 뭐였지?|. 알려 줘.]",
                "내 {n}에 대해 [뭐라고 했지|뭘 알아|아는 거 있어|말해 봐]?",
                "그럼 내 {n:은/는}?",
            ),
            held_out=("내 {n:이/가} 생각이 안 나. 도와줘.", "내 {n:이/가} 뭐였는지 말해 줄 수 있겠어?"),
        ),
        asking_two=Phrasings(
            train=(
                "{q}? 그리고 {r}?",
                "{q}? {r}?",
                "{q}, 그리고 {r}?",
                "두 가지 물을게. {q}? 그리고 {r}?",
                "내 {n:과/와} {m:을/를} 말해 줘.",
                "내 {n:과/와} {m:이/가} 뭐야?",
                "내 {n:이랑/랑} {m} 기억해?",
                "내 {n:과/와} {m:은/는}?",
                "내 {n:이랑/랑} {m} 알려 줘.",
            ),
            held_out=("내 {n:과/와} {m:을/를} 둘 다 말해 봐.", "{q}? 또 {r}?"),
        ),
        asking_all=Phrasings(
            train=(
                "나에 대해 [뭘 알아|뭐 알아|아는 게 뭐야|무엇을 알고 있어|뭘 기억해|기억하는 게 뭐야]?",
                "나에 대해 아는 [걸|것을|거] [다|모두|전부] [말해 줘|말해 봐|알려 줘].",
                "내가 나에 대해 [뭐라고 했지|무슨 말을 했지|뭘 말했지]?",
                "내가 [말한|알려 준] [걸|것을|거] [다|모두|전부] 말해 줘.",
                "지금까지 내가 말한 [걸|내용을] [정리|요약]해 줘.",
                "저에 대해 [뭘 아세요|아는 걸 말해 주세요|무엇을 알고 있어요][?|.]",
                "나에 대해 [배운|들은|기억하는] [거|걸] 말해 줘.",
                "내 정보를 [다|전부|모두] 말해 줘.",
                "나는 어떤 사람이야?",
            ),
            held_out=("나에 대해 알게 된 걸 말해 볼래?", "내 이야기를 간단히 정리해 볼래?"),
        ),
        heard=("네. {r}", "네, 기억할게요. {r}"),
        corrected="고쳤어요. {r}",
        untold="{n:은/는} 아직 말해 주지 않았어요.",
        nothing_told="아직 아무것도 말해 주지 않았어요.",
    ),
}
